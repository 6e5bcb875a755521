using System.Diagnostics;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Builds the queued deltas, a few at once, until it is stopped.</summary>
/// <remarks>One worker more than <see cref="DeltaOptions.Workers"/> takes only quick jobs: devices wait for them, and a
/// best job may take minutes.</remarks>
public sealed partial class DeltaWorker
{
    /// <summary>Time after which workers look for jobs whose pause is over or that another server gave up.</summary>
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(10);

    /// <summary>The pause of a quick job that does not fit in memory beside the best one in progress.</summary>
    private static readonly TimeSpan HeldPause = TimeSpan.FromSeconds(30);

    private const int MaxErrorCharacters = 200;

    /// <summary>Builds of more changed bytes return their memory to the system at once.</summary>
    private const long LargeBuildBytes = 4 * 1024 * 1024;

    private readonly ICatalogue _catalogue;
    private readonly IDeltaJobs _jobs;
    private readonly StoreDeltas _deltas;
    private readonly DamageWatch _damage;
    private readonly DeltaRequests _requests;
    private readonly IServerObserver? _observer;
    private readonly ILogger<DeltaWorker> _log;

    /// <param name="catalogue">Has the queue.</param>
    /// <param name="deltas">Builds and stores deltas.</param>
    /// <param name="damage">Verifies an object that a build could not read.</param>
    /// <param name="requests">Wakes the workers, and is told of their progress.</param>
    /// <param name="observer">Is told of each build.</param>
    /// <param name="log">Gets a line for each delta.</param>
    internal DeltaWorker(
        ICatalogue catalogue, StoreDeltas deltas, DamageWatch damage, DeltaRequests requests,
        IServerObserver? observer, ILogger<DeltaWorker> log) =>
        (_catalogue, _jobs, _deltas, _damage, _requests, _observer, _log) =
            (catalogue, catalogue.DeltaJobs, deltas, damage, requests, observer, log);

    /// <summary>Works until it is cancelled; returns at once where deltas are off.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!_requests.IsOn) return;
        while (!await TryPrepareAsync(cancellationToken)) await Task.Delay(LookAgainAfter, cancellationToken);
        await Task.WhenAll(Enumerable.Range(0, _requests.Workers)
            .Select(_ => WorkAsync(onlyQuick: false, cancellationToken))
            .Append(WorkAsync(onlyQuick: true, cancellationToken)));
    }

    /// <summary>Returns the jobs of the last run to the queue, sweeps its objects, and queues what it had no time
    /// to.</summary>
    /// <remarks>Where other servers use the catalogue, jobs and objects may be theirs: leases run out by
    /// themselves.</remarks>
    private async Task<bool> TryPrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_catalogue.Moves is null)
            {
                await _jobs.ReturnAllAsync(cancellationToken);
                await _deltas.Cache.SweepAsync(cancellationToken);
            }

            await _requests.EnqueueAllAsync(cancellationToken);
            return true;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // The server goes on without deltas, and this is tried again.
            LogStopped(FailureSeverity.LevelOf(failure), failure, failure.DescribeForOperator());
            return false;
        }
    }

    private async Task WorkAsync(bool onlyQuick, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var hasWorked = false;
            try
            {
                if (await _jobs.ClaimAsync(onlyQuick, cancellationToken) is { } job)
                {
                    _requests.Wake();
                    await BuildAsync(job, onlyQuick, cancellationToken);
                    hasWorked = true;
                }
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                LogStopped(FailureSeverity.LevelOf(failure), failure, failure.DescribeForOperator());
            }

            if (!hasWorked) await _requests.WaitForWorkAsync(onlyQuick, LookAgainAfter, cancellationToken);
        }
    }

    private async Task BuildAsync(DeltaJob job, bool onlyQuick, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var held = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var renewal = RenewAsync(job, end.Token);
        _requests.Begin(job.Pair);
        try
        {
            var progress = new Latest(step =>
            {
                Note(job, step);
                // The worker for quick jobs never waits for a best one: the next job may be small.
                if (onlyQuick && step.IsHeld) held.Cancel();
            });
            var delta = await Task.Run(
                () => _deltas.Builder.BuildAsync(job.Pair, job.Quality, progress, held.Token), cancellationToken);
            await _deltas.Cache.AddAsync(delta, cancellationToken);
            LogBuilt(
                job.Quality, job.Product, job.Platform, job.FromVersion, job.ToVersion, delta.Files, delta.TargetBytes,
                delta.Bytes, delta.Digest is not null, watch.ElapsedMilliseconds);
            _observer?.DeltaBuilt(
                delta.Digest is null ? DeltaBuildOutcome.NotSmaller : DeltaBuildOutcome.Stored, job.Quality,
                watch.Elapsed);
            if (delta.TargetBytes >= LargeBuildBytes) ReturnMemory();
        }
        catch (OperationCanceledException) when (held.IsCancellationRequested)
        {
            await _jobs.ReturnAsync(
                job, cancellationToken.IsCancellationRequested ? TimeSpan.Zero : HeldPause, CancellationToken.None);
        }
        catch (Exception failure)
        {
            // Any failure of a build costs this one delta.
            _observer?.DeltaBuilt(DeltaBuildOutcome.Failed, job.Quality, watch.Elapsed);
            LogFailed(
                FailureSeverity.LevelOf(failure), failure, job.Quality, job.Product, job.Platform, job.FromVersion,
                job.ToVersion, job.Attempts, failure.DescribeForOperator());
            await _damage.NoteAsync(failure, CancellationToken.None);
            await _jobs.FailAsync(job, ErrorOf(failure), CancellationToken.None);
        }
        finally
        {
            _requests.Progress.TryRemove(job.Id, out _);
            _requests.Complete(job.Pair);
            await end.CancelAsync();
            await renewal;
        }
    }

    private void Note(DeltaJob job, DeltaProgress step)
    {
        _requests.Progress[job.Id] = step;
        if (step.IsHeld) _requests.WakeWaiters(job.Pair);
    }

    private async Task RenewAsync(DeltaJob job, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(IDeltaJobs.Lease / 3);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    await _jobs.RenewAsync(job, cancellationToken);
                }
                catch (ChunkOtaException failure)
                {
                    // At worst another worker builds the same delta again.
                    LogStopped(FailureSeverity.LevelOf(failure), failure, failure.DescribeForOperator());
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The build is over.
            return;
        }
    }

    /// <summary>One short line, so that a list of many failed jobs fits a message.</summary>
    private static string ErrorOf(Exception failure)
    {
        var line = OneLine.Of(failure.Message);
        return line.Length <= MaxErrorCharacters ? line : line[..MaxErrorCharacters];
    }

    /// <summary>A build takes hundreds of megabytes, and the next one may be hours away.</summary>
    private static void ReturnMemory() =>
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    [LoggerMessage(4070, LogLevel.Information,
        "{Quality} delta of {Product} ({Platform}) {From} → {To}: {Files} files of {TargetBytes} bytes "
            + "in {Bytes} bytes, stored {IsStored}, {Milliseconds} ms")]
    private partial void LogBuilt(
        DeltaQuality quality, string product, string platform, string from, string to, int files, long targetBytes,
        long bytes, bool isStored, long milliseconds);

    [LoggerMessage(EventId = 4071, Message =
        "{Quality} delta of {Product} ({Platform}) {From} → {To} failed, attempt {Attempt}: {Detail}")]
    private partial void LogFailed(
        LogLevel level, Exception failure, DeltaQuality quality, string product, string platform, string from,
        string to, int attempt, string detail);

    [LoggerMessage(EventId = 4072, Message = "The queue of deltas failed and will be tried again: {Detail}")]
    private partial void LogStopped(LogLevel level, Exception failure, string detail);

    /// <summary>Notes progress on the thread that reports it.</summary>
    private sealed class Latest(Action<DeltaProgress> note) : IProgress<DeltaProgress>
    {
        public void Report(DeltaProgress value) => note(value);
    }
}
