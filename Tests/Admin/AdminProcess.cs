using System.Diagnostics;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin;

/// <summary>A finished run of the real ota-admin.</summary>
/// <param name="ExitCode">What it exited with.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record AdminRun(int ExitCode, string Out, string Error);

/// <summary>Runs the real ota-admin as a process of its own.</summary>
internal static class AdminProcess
{
    /// <summary>Runs one command with an empty standard input and none of our settings in the environment.</summary>
    public static Task<AdminRun> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string>(), "", arguments);

    /// <summary>Runs one command.</summary>
    public static async Task<AdminRun> RunAsync(
        IReadOnlyDictionary<string, string> environment, string input, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new AdminRun(process.ExitCode, await output, await error);
    }

    /// <summary>Starts a command; the caller ends it.</summary>
    public static Process Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("OTA_SERVER");
        start.Environment.Remove("OTA_TOKEN");
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        start.ArgumentList.Add(Programs.Admin);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
