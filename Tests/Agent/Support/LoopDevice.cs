using System.Diagnostics;

namespace ChunkOta.Tests.Agent.Support;

/// <summary>Shows files as disks.</summary>
internal static class LoopDevice
{
    /// <summary>Runs <c>losetup</c>.</summary>
    /// <returns>What it wrote.</returns>
    public static string Run(params string[] arguments)
    {
        var order = new ProcessStartInfo("losetup", arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(order)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, "losetup failed: it needs root");
        return output.Trim();
    }
}
