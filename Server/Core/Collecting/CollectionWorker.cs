using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Runs collections: one when the last is long enough ago, and whenever an operator asks for one.</summary>
/// <remarks>The time of the last one is in the catalogue, and so is the lease: of several servers on one catalogue
/// exactly one runs the next collection.</remarks>
public sealed partial class CollectionWorker
{
    /// <summary>The interval at which the worker checks whether a collection is due.</summary>
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(1);

    /// <summary>The longest wait for the next collection after one that failed or was interrupted.</summary>
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromHours(1);

    private readonly ICollectionCatalogue _catalogue;
    private readonly Collector _collector;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _clock;
    private readonly ILogger<CollectionWorker> _log;

    /// <param name="catalogue">Knows when the last collection began.</param>
    /// <param name="collector">Runs a collection.</param>
    /// <param name="interval">Time between two collections; zero for none but those that are asked for.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="log">Gets a line for each collection.</param>
    internal CollectionWorker(
        ICollectionCatalogue catalogue, Collector collector, TimeSpan interval, TimeProvider clock,
        ILogger<CollectionWorker> log) =>
        (_catalogue, _collector, _interval, _clock, _log) = (catalogue, collector, interval, clock, log);

    /// <summary>Runs a collection now.</summary>
    /// <exception cref="ChunkOtaException">BUSY: another collection runs; and as <see cref="Collector.RunAsync"/>.
    /// </exception>
    public async Task<CollectionFigures> CollectAsync(
        IProgress<CollectionProgress> progress, CancellationToken cancellationToken)
    {
        var began = _clock.GetTimestamp();
        var figures = await _collector.RunAsync(progress, cancellationToken)
            ?? throw new ChunkOtaException(
                ErrorCodes.Busy,
                "another collection runs, or the last one left an object that was not deleted: try again in a few "
                    + "minutes, and look at ota-admin stats");
        LogCollected(
            figures.Releases, figures.Recipes, figures.Chunks, figures.CompactedPacks, figures.Objects, figures.Bytes,
            (long)_clock.GetElapsedTime(began).TotalMilliseconds);
        return figures;
    }

    /// <summary>Works until it is cancelled; returns at once when no collection is to run by itself.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_interval <= TimeSpan.Zero) return;
        var started = _clock.GetUtcNow();
        using var timer = new PeriodicTimer(LookAgainAfter, _clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                var state = await _catalogue.ReadStateAsync(cancellationToken);
                if (IsDue(state, started, _interval, _clock.GetUtcNow()))
                    await CollectAsync(new Progress<CollectionProgress>(), cancellationToken);
            }
            catch (ChunkOtaException busy) when (busy.Code == ErrorCodes.Busy)
            {
                // Another server came first.
                continue;
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(FailureSeverity.LevelOf(failure), failure, failure.DescribeForOperator());
            }
        }
    }

    /// <summary>The last one is long enough ago, or it was killed. One that failed is repeated sooner.</summary>
    /// <param name="state">The last one.</param>
    /// <param name="started">When this server started.</param>
    /// <param name="interval">Time between two collections.</param>
    /// <param name="now">The time.</param>
    internal static bool IsDue(
        CollectionState state, DateTimeOffset started, TimeSpan interval, DateTimeOffset now) => state switch
        {
            { Began: not null, Ended: null } => true,
            { Error.Length: > 0, Ended: { } ended } when interval > RepeatAfter => ended + RepeatAfter <= now,
            _ => (state.Began ?? started) + interval <= now,
        };

    [LoggerMessage(4110, LogLevel.Information,
        "Collection: {Releases} releases, {Recipes} recipes and {Chunks} chunks are gone, {Packs} packs compacted, "
            + "{Objects} objects of {Bytes} bytes deleted, {Milliseconds} ms")]
    private partial void LogCollected(
        long releases, long recipes, long chunks, long packs, long objects, long bytes, long milliseconds);

    [LoggerMessage(EventId = 4111, Message = "The collection failed and will be tried again: {Detail}")]
    private partial void LogFailed(LogLevel level, Exception failure, string detail);
}
