namespace ChunkOta.Agent;

/// <summary>The two slots of a product that is installed as an image, and the boot loader that chooses between
/// them.</summary>
public sealed record SlotSettings
{
    /// <summary>The boot loader GRUB: the environment is a file of <c>grub-editenv</c>.</summary>
    public const string Grub = "grub";

    /// <summary>The boot loader U-Boot: the environment is the configuration of <c>fw_setenv</c>.</summary>
    public const string UBoot = "uboot";

    /// <summary>Without a boot loader: the environment is a text file that <c>ota-agent boot</c> follows.</summary>
    public const string Simulated = "simulated";

    /// <summary>The path of slot A, a block device or a file.</summary>
    public string A { get; init; } = "";

    /// <summary>The path of slot B.</summary>
    public string B { get; init; } = "";

    /// <summary>The boot loader: <see cref="Grub"/>, <see cref="UBoot"/> or <see cref="Simulated"/>.</summary>
    public string Bootloader { get; init; } = "";

    /// <summary>The path of the boot loader's environment.</summary>
    public string Environment { get; init; } = "";

    /// <summary>The file with the command line of the kernel.</summary>
    internal string KernelCommandLine { get; init; } = "/proc/cmdline";

    /// <summary>The folder for notes that the next start of the machine forgets.</summary>
    internal string RunFolder { get; init; } = "/run/chunkota";
}
