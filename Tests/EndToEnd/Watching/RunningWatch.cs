using ChunkOta.Tests.EndToEnd;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Watching;

/// <summary>A running <c>ota-agent watch</c>; it is killed if the test does not end it.</summary>
internal sealed class RunningWatch : IDisposable
{
    private readonly OwnedProcess _process;

    private RunningWatch(OwnedProcess process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Starts it for the rig's home.</summary>
    public static RunningWatch Start(Rig rig, params IEnumerable<string> settings) => StartWith([], rig, settings);

    /// <summary>Starts it with more variables in its environment.</summary>
    public static RunningWatch StartWith(
        Dictionary<string, string?> environment, Rig rig, params IEnumerable<string> settings) =>
        new(rig.StartAgentWith(environment, ["watch", .. settings]));

    /// <summary>Starts the static program that ships, which the run must have built.</summary>
    public static RunningWatch StartStatic(Rig rig, params IEnumerable<string> settings) => new(ProgramRun.Start(
        new Dictionary<string, string?> { ["OTA_HOME"] = rig.Home }, Programs.StaticAgent, ["watch", .. settings]));

    /// <summary>A server with release 1.0.0, installed in the rig's home.</summary>
    /// <param name="settings">Of the server.</param>
    public static async Task<Rig> InstalledAsync(params string[] settings)
    {
        var rig = await Rig.StartAsync(settings);
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        return rig;
    }

    /// <summary>True when the rig's home runs that version.</summary>
    public static bool IsCurrent(Rig rig, string version) =>
        new FileInfo(rig.Current).LinkTarget == $"releases/{version}";

    /// <summary>Waits until it is ready, and makes it look at every product: the first look would come within five
    /// minutes.</summary>
    public async Task LookAsync()
    {
        await SaysAsync(line => line.StartsWith("watching ", StringComparison.Ordinal));
        await SignalAsync("HUP");
    }

    /// <summary>Waits for a line of its log, and returns it.</summary>
    public Task<string> SaysAsync(Predicate<string> isWanted) => _process.NextLineAsync(isWanted);

    /// <summary>Waits for a line of its log.</summary>
    public Task<string> SaysAsync(string line) => SaysAsync(other => other == line);

    /// <summary>Sends a signal, such as <c>HUP</c>.</summary>
    public Task SignalAsync(string signal) => _process.SignalAsync(signal);

    /// <summary>Asks it to end, and waits for that.</summary>
    /// <returns>Its exit code and the rest of its log.</returns>
    public async Task<ProgramRun> EndAsync()
    {
        await SignalAsync("TERM");
        return await ProgramRun.FinishAsync(_process);
    }

    public void Dispose() => _process.Dispose();
}
