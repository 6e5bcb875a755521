using System.Diagnostics;
using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store;

/// <summary>Runs a scenario in a process of its own and kills it at a chosen step of Store/Durable.</summary>
internal static class CrashProcess
{
    private const string Writes = "pwrite64,fsync,fdatasync,rename";

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

    /// <summary>Runs a scenario under a fault of Store/Durable's own.</summary>
    public static Task<Outcome> RunAsync(string scenario, string folder, string fault)
    {
        var start = Start("dotnet", scenario, folder);
        start.Environment[FaultPoint.Variable] = fault;
        return RunAsync(start, $"{scenario} {fault}");
    }

    /// <summary>Runs a scenario that strace kills at the n-th call, of one thread, that writes or syncs, whoever makes
    /// it.</summary>
    public static Task<Outcome> RunTracedAsync(string scenario, string folder, int n) => RunAsync(
        Start(
            "strace", scenario, folder,
            "-f", "-qq", "-o", "/dev/null", "-e", $"inject={Writes}:signal=KILL:when={n}", "dotnet"),
        $"{scenario} call {n}");

    private static ProcessStartInfo Start(string program, string scenario, string folder, params string[] before)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in before) start.ArgumentList.Add(argument);
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ChunkOta.Tests.Store.dll"));
        foreach (var argument in new[] { "crash", scenario, folder }) start.ArgumentList.Add(argument);
        return start;
    }

    private static async Task<Outcome> RunAsync(ProcessStartInfo start, string what)
    {
        using var process = Process.Start(start)!;
        var failing = process.StandardError.ReadToEndAsync();
        var promised = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        // 128 + SIGKILL; anything else that is not 0 is a failure of the scenario itself.
        Assert.True(process.ExitCode is 0 or 137, $"{what}: exit {process.ExitCode}: {await failing}");
        return new Outcome(process.ExitCode == 137, promised.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
