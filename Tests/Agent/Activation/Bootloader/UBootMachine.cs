namespace ChunkOta.Tests.Agent.Activation.Bootloader;

/// <summary>A machine that U-Boot starts by the variables of the guide; its environment is in flash memory.</summary>
/// <remarks>
/// Two things are missing on this machine. It has no card with a kernel: what would be booted is written to the serial
/// port. And U-Boot 2023.01 cannot write to the flash memory of QEMU 7.2 (<c>Flash buffer write timeout</c>): it works
/// on a copy, and where it was told to save, the variables that it has are saved by <c>fw_setenv</c>.
/// </remarks>
internal sealed class UBootMachine
{
    /// <summary>The programs and files that it needs.</summary>
    public const string Needs = $"qemu-system-aarch64 fw_setenv {Firmware}";

    private const string Firmware = "/usr/lib/u-boot/qemu_arm64/u-boot.bin";
    private const int FlashBytes = 64 << 20;
    private const string Says = "it would boot ";

    private readonly string _configuration;
    private readonly string _flash;
    private readonly string _script;

    /// <param name="folder">A folder for the flash memory.</param>
    /// <param name="variables">The variables, one a line.</param>
    /// <param name="configuration">The configuration of the tools, which is written.</param>
    public UBootMachine(string folder, string variables, string configuration)
    {
        _configuration = configuration;
        (_flash, _script) = (Path.Combine(folder, "flash"), Path.Combine(folder, "script"));
        using (var flash = File.Create(_flash))
            flash.SetLength(FlashBytes);
        File.WriteAllText(configuration, $"{_flash} 0x0 0x40000\n");
        Assert.EndsWith("bootcmd=run ota_boot\n", variables);
        Save(
            variables.Replace("bootcmd=run ota_boot\n", "", StringComparison.Ordinal)
            + "bootdelay=0\n"
            + $"bootcmd=run ota_boot; echo \"{Says}${{ota_slot}} ${{ota_tries}} ${{bootargs}}\"; poweroff\n");
    }

    /// <summary>Starts the machine once.</summary>
    /// <returns>The command line of the kernel.</returns>
    public string Start()
    {
        var flash = _flash + ".copy";
        BootMachine.Tool("cp", "--sparse=always", _flash, flash);
        var output = BootMachine.Run(
            "qemu-system-aarch64", "-machine", "virt", "-cpu", "cortex-a57", "-m", "128", "-bios", Firmware,
            "-drive", $"if=pflash,format=raw,index=1,file={flash}");
        Assert.Contains("Loading Environment from Flash... OK", output);
        var line = Assert.Single(output.Split('\n'), line => line.StartsWith(Says, StringComparison.Ordinal));
        var words = line[Says.Length..].Split(' ', 3);
        if (output.Contains("Saving Environment to Flash", StringComparison.Ordinal))
            Save($"ota_slot={words[0]}\nota_tries={words[1]}\n");
        return words[2];
    }

    private void Save(string variables)
    {
        File.WriteAllText(_script, variables);
        BootMachine.Tool("fw_setenv", "-c", _configuration, "-f", _script, "-s", _script);
    }
}
