using System.Collections.Concurrent;
using ChunkOta.Chunking;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Queues deltas to be built, wakes the workers, and holds the callers that wait for a delta.</summary>
/// <remarks>The queue itself is in the catalogue: a restart loses only the waits.</remarks>
/// <param name="catalogue">Holds the queue, and what the choice of deltas depends on.</param>
/// <param name="options">How many workers there are.</param>
/// <param name="clock">Measures waits.</param>
/// <param name="log">Gets a line for each plan.</param>
internal sealed partial class DeltaRequests(
    ICatalogue catalogue, DeltaOptions options, TimeProvider clock, ILogger<DeltaRequests> log) : IDisposable
{
    private const int MaxRemembered = 10_000;

    /// <summary>The least time between two requests for the same pair that reach the catalogue.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly SemaphoreSlim _wakeQuick = new(0, 1);
    private readonly ConcurrentDictionary<DeltaPair, TaskCompletionSource> _awaited = [];
    private readonly ConcurrentDictionary<DeltaPair, int> _running = [];
    private readonly ConcurrentDictionary<(DeltaPair, DeltaQuality), DateTimeOffset> _asked = [];

    /// <summary>True when this server builds deltas.</summary>
    public bool IsOn => options is { Workers: > 0, CacheBytes: > 0 };

    /// <summary>Deltas that are built at once.</summary>
    public int Workers => options.Workers;

    /// <summary>The progress of the jobs that run on this server, by job id.</summary>
    public ConcurrentDictionary<long, DeltaProgress> Progress { get; } = [];

    /// <summary>Queues the deltas to a new release that are worth building before a device asks for them.</summary>
    /// <remarks>A failure is logged, not thrown: the publish succeeds without deltas.</remarks>
    public async Task EnqueueForAsync(Digest manifest, CancellationToken cancellationToken)
    {
        if (!IsOn) return;
        try
        {
            if (await catalogue.Releases.FindReleaseAsync(manifest, cancellationToken) is not { } release) return;
            var query = new ReleaseQuery { Product = release.Product, Platform = release.Platform };
            var others = await catalogue.Releases.ListReleasesAsync(query, cancellationToken);
            var anchors = await catalogue.Releases.ListReleasesAsync(
                query with { OnlyAnchors = true }, cancellationToken);
            var running = await catalogue.Devices.ListRunningAsync(release.Product, null, cancellationToken);
            var sources = DeltaSources.Choose(
                release, others.Releases, anchors.Releases, running, options.PreviousReleases);
            foreach (var (from, priority) in sources)
                await EnqueueAsync(new DeltaPair(from, manifest), DeltaQuality.Best, priority, cancellationToken);
            LogQueued(sources.Count, release.Product, release.Version, release.Platform);
        }
        catch (ChunkOtaException failure)
        {
            LogNotQueued(FailureSeverity.LevelOf(failure), manifest, failure.Code, failure.DescribeForOperator());
        }
    }

    /// <summary>Queues the deltas from a new anchor to the newer current releases of its product and
    /// platform.</summary>
    /// <remarks>A failure is logged, not thrown: the release becomes an anchor without deltas.</remarks>
    public async Task EnqueueFromAsync(ReleaseRecord anchor, CancellationToken cancellationToken)
    {
        if (!IsOn) return;
        try
        {
            var channels = await catalogue.Releases.ListChannelsAsync(anchor.Product, false, cancellationToken);
            foreach (var current in channels.Where(channel => channel.Platform == anchor.Platform)
                .Select(channel => channel.Current).Distinct())
            {
                if (await catalogue.Releases.FindReleaseAsync(current, cancellationToken) is { } release
                    && release.Counter > anchor.Counter)
                    await EnqueueAsync(
                        new DeltaPair(anchor.Manifest, current), DeltaQuality.Best, DeltaSources.AnchorPriority,
                        cancellationToken);
            }
        }
        catch (ChunkOtaException failure)
        {
            LogNotQueuedFrom(
                FailureSeverity.LevelOf(failure), anchor.Manifest, failure.Code, failure.DescribeForOperator());
        }
    }

    /// <summary>Queues the deltas to all current releases and to the newest ones, which may be held; some of them may
    /// never have been queued.</summary>
    public async Task EnqueueAllAsync(CancellationToken cancellationToken)
    {
        var channels = await catalogue.Releases.ListChannelsAsync(null, false, cancellationToken);
        var goals = channels.Select(channel => channel.Current).ToHashSet();
        foreach (var (product, platform) in channels.Select(channel => (channel.Product, channel.Platform)).Distinct())
        {
            if (await catalogue.Releases.FindNewestAsync(product, platform, cancellationToken) is { } newest)
                goals.Add(newest.Manifest);
        }

        foreach (var goal in goals)
            await EnqueueForAsync(goal, cancellationToken);
    }

    /// <summary>Queues the deltas to a release that the devices of a channel need: from the releases that they run, and
    /// from the current one.</summary>
    /// <returns>The releases that these deltas are from.</returns>
    public async Task<IReadOnlySet<Digest>> EnqueueNeededAsync(
        ReleaseRecord release, string channel, CancellationToken cancellationToken)
    {
        HashSet<Digest> sources = [];
        var running = await catalogue.Devices.ListRunningAsync(release.Product, channel, cancellationToken);
        var current = await catalogue.Releases.FindChannelAsync(
            release.Product, release.Platform, channel, cancellationToken);
        foreach (var from in running.Select(one => one.Manifest)
            .Concat(current is null ? [] : [current.Current]).Distinct().Where(from => from != release.Manifest))
        {
            if (await catalogue.Releases.FindReleaseAsync(from, cancellationToken) is not { } source
                || source.Platform != release.Platform || source.Product != release.Product)
                continue;
            await AskAsync(new DeltaPair(from, release.Manifest), DeltaQuality.Best, cancellationToken);
            sources.Add(from);
        }

        return sources;
    }

    /// <summary>Queues a delta that a device could have used, unless it was queued a moment ago.</summary>
    public async Task AskAsync(DeltaPair pair, DeltaQuality quality, CancellationToken cancellationToken)
    {
        if (!IsOn || !IsFirst(pair, quality)) return;
        await EnqueueAsync(pair, quality, DeltaSources.RunningPriority, cancellationToken);
    }

    /// <summary>Queues a delta that was lost, to be built again.</summary>
    public async Task RebuildAsync(DeltaPair pair, DeltaQuality quality, CancellationToken cancellationToken)
    {
        if (IsOn) await EnqueueAsync(pair, quality, DeltaSources.RunningPriority, cancellationToken);
    }

    /// <summary>Queues a quick delta and waits for it, or for a best one that is ready first.</summary>
    /// <remarks>Returns at once when the delta cannot be ready soon: every worker has another job, or a wait for the
    /// same pair was in vain a moment ago.</remarks>
    /// <param name="pair">The delta's two releases.</param>
    /// <param name="patience">The longest wait.</param>
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
            WakeWaiters(pair);
        }
    }

    /// <summary>Notes that a worker starts on a pair.</summary>
    public void Begin(DeltaPair pair) => _running.AddOrUpdate(pair, 1, (_, workers) => workers + 1);

    /// <summary>Notes that a worker is done with a pair, successful or not, and wakes its waiters.</summary>
    public void Complete(DeltaPair pair)
    {
        if (_running.AddOrUpdate(pair, 0, (_, workers) => workers - 1) <= 0) _running.TryRemove(pair, out _);
        WakeWaiters(pair);
    }

    /// <summary>Ends all waits for a pair: its delta will not be ready soon.</summary>
    public void WakeWaiters(DeltaPair pair)
    {
        if (_awaited.TryRemove(pair, out var done)) done.TrySetResult();
    }

    /// <summary>Waits until a job may have been queued.</summary>
    /// <param name="onlyQuick">For the worker that takes only quick jobs.</param>
    /// <param name="most">The longest wait.</param>
    public Task WaitForWorkAsync(bool onlyQuick, TimeSpan most, CancellationToken cancellationToken) =>
        (onlyQuick ? _wakeQuick : _wake).WaitAsync(most, cancellationToken);

    /// <summary>Frees the semaphores. No wait may be running.</summary>
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

    /// <summary>One worker more than <see cref="DeltaOptions.Workers"/> takes only quick jobs.</summary>
    private bool HasWorkerFor(DeltaPair pair) =>
        _running.ContainsKey(pair) || _running.Values.Sum() <= options.Workers;

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

    [LoggerMessage(4060, LogLevel.Information, "Queued {Count} deltas to {Product} {Version} ({Platform})")]
    private partial void LogQueued(int count, string product, string version, string platform);

    [LoggerMessage(EventId = 4061, Message = "Deltas to manifest {Manifest} were not queued: {Code}: {Reason}")]
    private partial void LogNotQueued(LogLevel level, Digest manifest, string code, string reason);

    [LoggerMessage(EventId = 4064, Message = "Deltas from anchor {Manifest} were not queued: {Code}: {Reason}")]
    private partial void LogNotQueuedFrom(LogLevel level, Digest manifest, string code, string reason);
}
