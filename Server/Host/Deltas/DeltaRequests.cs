using System.Collections.Concurrent;
using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Where deltas are asked for and where their workers are told of it; also who waits for which.</summary>
/// <remarks>The queue itself is in the catalogue: what is lost here with the process is only who waited.</remarks>
internal sealed partial class DeltaRequests(
    ICatalogue catalogue, DeltaSettings settings, TimeProvider clock, ILogger<DeltaRequests> log) : IDisposable
{
    private const int MaxRemembered = 10_000;

    /// <summary>A pair that fleets ask for is put to the catalogue once in this time.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly SemaphoreSlim _wakeQuick = new(0, 1);
    private readonly ConcurrentDictionary<DeltaPair, TaskCompletionSource> _awaited = [];
    private readonly ConcurrentDictionary<DeltaPair, int> _running = [];
    private readonly ConcurrentDictionary<(DeltaPair, DeltaQuality), DateTimeOffset> _asked = [];

    /// <summary>Whether this server makes deltas.</summary>
    public bool IsOn => settings is { Workers: > 0, CacheBytes: > 0 };

    /// <summary>How far the jobs of this server have come, by their numbers.</summary>
    public ConcurrentDictionary<long, DeltaProgress> Progress { get; } = [];

    /// <summary>Asks for the deltas to a release that are worth making before anyone asks.</summary>
    /// <remarks>A failure is logged: a release is published with or without deltas.</remarks>
    public async Task EnqueueForAsync(Digest manifest, CancellationToken cancellationToken)
    {
        if (!IsOn) return;
        try
        {
            if (await catalogue.Releases.FindReleaseAsync(manifest, cancellationToken) is not { } release) return;
            var query = new ReleaseQuery { Product = release.Product, Platform = release.Platform };
            var others = await catalogue.Releases.ListReleasesAsync(query, cancellationToken);
            var anchors = await catalogue.Releases.ListReleasesAsync(query with { OnlyAnchors = true }, cancellationToken);
            var running = await catalogue.Devices.ListRunningAsync(release.Product, null, cancellationToken);
            var sources = DeltaSources.Choose(
                release, others.Releases, anchors.Releases, running, settings.Previous);
            foreach (var (from, priority) in sources)
                await EnqueueAsync(new DeltaPair(from, manifest), DeltaQuality.Best, priority, cancellationToken);
            LogPlanned(release.Product, release.Version, release.Platform, sources.Count);
        }
        catch (ChunkOtaException failure)
        {
            LogNotPlanned(manifest, failure.Code, failure.Message);
        }
    }

    /// <summary>Asks for the deltas from a new anchor to what is current in the channels of its product and platform, where
    /// that is newer.</summary>
    /// <remarks>A failure is logged: a release is an anchor with or without deltas.</remarks>
    public async Task EnqueueFromAsync(ReleaseRecord anchor, CancellationToken cancellationToken)
    {
        if (!IsOn) return;
        try
        {
            var channels = await catalogue.Releases.ListChannelsAsync(anchor.Product, cancellationToken);
            foreach (var current in channels.Where(channel => channel.Platform == anchor.Platform)
                .Select(channel => channel.Current).Distinct())
            {
                if (await catalogue.Releases.FindReleaseAsync(current, cancellationToken) is { } release
                    && release.Counter > anchor.Counter)
                    await EnqueueAsync(
                        new DeltaPair(anchor.Manifest, current), DeltaQuality.Best, DeltaSources.AnchorPriority, cancellationToken);
            }
        }
        catch (ChunkOtaException failure)
        {
            LogNotPlannedFrom(anchor.Manifest, failure.Code, failure.Message);
        }
    }

    /// <summary>Asks for the deltas to all releases that are current: some may never have been asked for.</summary>
    public async Task EnqueueAllAsync(CancellationToken cancellationToken)
    {
        var channels = await catalogue.Releases.ListChannelsAsync(null, cancellationToken);
        foreach (var current in channels.Select(channel => channel.Current).Distinct())
            await EnqueueForAsync(current, cancellationToken);
    }

    /// <summary>Asks for a delta that a device could have used, to be made when there is time.</summary>
    public async Task AskAsync(DeltaPair pair, DeltaQuality quality, CancellationToken cancellationToken)
    {
        if (!IsOn || !IsFirst(pair, quality)) return;
        await EnqueueAsync(pair, quality, DeltaSources.RunningPriority, cancellationToken);
    }

    /// <summary>Asks for a delta that was lost, to be made anew.</summary>
    public async Task RemakeAsync(DeltaPair pair, DeltaQuality quality, CancellationToken cancellationToken)
    {
        if (IsOn) await EnqueueAsync(pair, quality, DeltaSources.RunningPriority, cancellationToken);
    }

    /// <summary>Asks for a quick delta and waits for it, or for a best one that comes first.</summary>
    /// <remarks>No device waits for what will not come soon: where every worker has another job, or the pair was waited for
    /// in vain a moment ago.</remarks>
    /// <param name="pair">Which.</param>
    /// <param name="patience">At most so long.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task AwaitQuickAsync(DeltaPair pair, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!IsOn || patience <= TimeSpan.Zero) return;
        if (_awaited.TryGetValue(pair, out var others))
        {
            await Task.WhenAny(others.Task, Task.Delay(patience, clock, cancellationToken));
            return;
        }

        if (!IsFirst(pair, DeltaQuality.Quick)) return;
        var done = _awaited.GetOrAdd(
            pair, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            var isAlive = await EnqueueAsync(pair, DeltaQuality.Quick, DeltaSources.AwaitedPriority, cancellationToken);
            if (isAlive && HasWorkerFor(pair))
                await Task.WhenAny(done.Task, Task.Delay(patience, clock, cancellationToken));
        }
        finally
        {
            LetGo(pair);
        }
    }

    /// <summary>Notes that a worker has begun with a pair.</summary>
    public void Begin(DeltaPair pair) => _running.AddOrUpdate(pair, 1, (_, workers) => workers + 1);

    /// <summary>Notes that a worker is done with a pair: those go on who waited for it, whether it came or not.</summary>
    public void Complete(DeltaPair pair)
    {
        if (_running.AddOrUpdate(pair, 0, (_, workers) => workers - 1) <= 0) _running.TryRemove(pair, out _);
        LetGo(pair);
    }

    /// <summary>Ends all waits for a pair: it will not come soon.</summary>
    public void LetGo(DeltaPair pair)
    {
        if (_awaited.TryRemove(pair, out var done)) done.TrySetResult();
    }

    /// <summary>Waits until there may be something to do.</summary>
    public Task WaitForWorkAsync(bool onlyQuick, TimeSpan most, CancellationToken cancellationToken) =>
        (onlyQuick ? _wakeQuick : _wake).WaitAsync(most, cancellationToken);

    public void Dispose()
    {
        _wake.Dispose();
        _wakeQuick.Dispose();
    }

    private async Task<bool> EnqueueAsync(
        DeltaPair pair, DeltaQuality quality, int priority, CancellationToken cancellationToken)
    {
        var isAlive = await catalogue.DeltaJobs.EnqueueAsync(pair, quality, priority, cancellationToken);
        if (isAlive) Wake();
        return isAlive;
    }

    /// <summary>Best deltas leave one worker free, which makes quick ones alone.</summary>
    private bool HasWorkerFor(DeltaPair pair) =>
        _running.ContainsKey(pair) || _running.Values.Sum() <= settings.Workers;

    /// <summary>Wakes a worker of each kind; one that finds work wakes the next.</summary>
    public void Wake()
    {
        Wake(_wake);
        Wake(_wakeQuick);
    }

    private static void Wake(SemaphoreSlim workers)
    {
        try
        {
            workers.Release();
        }
        catch (SemaphoreFullException)
        {
            // A worker is about to look already.
            return;
        }
    }

    private bool IsFirst(DeltaPair pair, DeltaQuality quality)
    {
        if (_asked.Count >= MaxRemembered) _asked.Clear();
        var now = clock.GetUtcNow();
        var last = _asked.GetValueOrDefault((pair, quality));
        if (now - last < AskAgainAfter) return false;
        _asked[(pair, quality)] = now;
        return true;
    }

    [LoggerMessage(4060, LogLevel.Information, "Deltas to {Product} {Version} ({Platform}): {Count} are wanted")]
    private partial void LogPlanned(string product, string version, string platform, int count);

    [LoggerMessage(4061, LogLevel.Warning, "Deltas to manifest {Manifest} could not be planned: {Code}: {Reason}")]
    private partial void LogNotPlanned(Digest manifest, string code, string reason);

    [LoggerMessage(4064, LogLevel.Warning, "Deltas from anchor {Manifest} could not be planned: {Code}: {Reason}")]
    private partial void LogNotPlannedFrom(Digest manifest, string code, string reason);
}
