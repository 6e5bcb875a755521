using System.Diagnostics;

namespace ChunkOta.Tests.Agent.Activation.Bootloader;

/// <summary>A machine without accelerator that is started once by a real boot loader and then stops.</summary>
internal static class BootMachine
{
    private const string LimitSeconds = "60";

    /// <summary>Runs a machine to its end.</summary>
    /// <param name="program">The program of QEMU.</param>
    /// <param name="arguments">The machine, its firmware and its disks.</param>
    /// <returns>All that it wrote to its serial port.</returns>
    public static string Run(string program, params string[] arguments) => Tool(
        "timeout",
        [
            LimitSeconds, program, "-accel", "tcg", "-display", "none", "-monitor", "none", "-serial", "stdio",
            "-nic", "none", "-no-reboot", .. arguments,
        ]).Replace("\r", "", StringComparison.Ordinal);

    /// <summary>Runs a tool, which must succeed.</summary>
    /// <returns>All that it wrote to standard output.</returns>
    public static string Tool(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} exited with {process.ExitCode}:\n{output}");
        return output;
    }
}
