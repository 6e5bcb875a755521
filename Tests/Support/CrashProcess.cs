using System.Diagnostics;
using ChunkOta.Durable;

namespace ChunkOta.Tests.Support;

/// <summary>Runs a scenario in a process of its own and kills it at a chosen step of Store/Durable.</summary>
internal static class CrashProcess
{
    /// <summary>What a run left: what it had promised, and whether it came to its end.</summary>
    internal sealed record Outcome(bool IsKilled, IReadOnlyList<string> Acked);

    /// <summary>Every way to die in a scenario: before each step, within each write, and after the last step.</summary>
    /// <param name="scenario">Its name in <see cref="CrashScenarios"/>.</param>
    /// <param name="prepare">Makes a folder what it must be before the scenario.</param>
    public static async Task<IReadOnlyList<string>> DeathsAsync(string scenario, Action<string>? prepare = null)
    {
        using var folder = new TemporaryFolder();
        using var log = new TemporaryFolder();
        prepare?.Invoke(folder.Path);
        var outcome = await RunAsync(scenario, folder.Path, $"mode=log;log={log["steps"]}");
        Assert.False(outcome.IsKilled);
        var steps = await File.ReadAllLinesAsync(log["steps"]);
        return
        [
            .. steps.Select((_, index) => $"at={index + 1};mode=kill"),
            .. steps.Index().Where(step => step.Item.Contains(" Write ", StringComparison.Ordinal))
                .Select(step => $"at={step.Index + 1};mode=torn"),
            $"at={steps.Length};mode=kill-after",
        ];
    }

    public static async Task<Outcome> RunAsync(string scenario, string folder, string fault)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "ChunkOta.Tests.dll"), "crash", scenario, folder },
        };
        start.Environment[FaultPoint.Variable] = fault;
        start.Environment["DOTNET_TieredPGO"] = "0";
        using var process = Process.Start(start)!;
        var failing = process.StandardError.ReadToEndAsync();
        var promised = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        // 128 + SIGKILL; anything else that is not 0 is a failure of the scenario itself.
        Assert.True(process.ExitCode is 0 or 137, $"{scenario} {fault}: exit {process.ExitCode}: {await failing}");
        return new Outcome(process.ExitCode == 137, promised.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
