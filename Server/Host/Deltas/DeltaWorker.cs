using System.Diagnostics;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Makes the deltas that are queued, a few at once, for as long as the server runs.</summary>
/// <remarks>One worker more than is set takes quick ones alone: a device waits for them, and a best one may take
/// minutes.</remarks>
internal sealed partial class DeltaWorker(
    ICatalogue catalogue, DeltaBuilder builder, DeltaCache cache, DeltaRequests requests, DeltaSettings settings,
    ILogger<DeltaWorker> log) : BackgroundService
{
    /// <summary>A job whose pause is over, or which another server gave up, is found after so long.</summary>
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(10);

    /// <summary>A quick job that has no room beside the best one under way is looked at again after so long.</summary>
    private static readonly TimeSpan HeldPause = TimeSpan.FromSeconds(30);

    private const int MaxErrorCharacters = 200;

    /// <summary>From so many changed bytes on, what a build took from the system is given back at once.</summary>
    private const long LargeBuildBytes = 4 * 1024 * 1024;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!requests.IsOn) return;
        while (!await TryPrepareAsync(stoppingToken)) await Task.Delay(LookAgainAfter, stoppingToken);
        await Task.WhenAll(Enumerable.Range(0, settings.Workers).Select(_ => WorkAsync(onlyQuick: false, stoppingToken))
            .Append(WorkAsync(onlyQuick: true, stoppingToken)));
    }

    /// <summary>Takes over what the last run left: its jobs, its objects, and what it did not come to plan.</summary>
    private async Task<bool> TryPrepareAsync(CancellationToken stop)
    {
        try
        {
            await catalogue.DeltaJobs.ReturnAllAsync(stop);
            await cache.SweepAsync(stop);
            await requests.EnqueueAllAsync(stop);
            return true;
        }
        catch (Exception failure) when (!stop.IsCancellationRequested)
        {
            // Deltas are never worth the server: it serves on, and this is tried again.
            LogStoodStill(failure);
            return false;
        }
    }

    private async Task WorkAsync(bool onlyQuick, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var hasWorked = false;
            try
            {
                if (await catalogue.DeltaJobs.TakeAsync(onlyQuick, stop) is { } job)
                {
                    requests.Wake();
                    await RunAsync(job, onlyQuick, stop);
                    hasWorked = true;
                }
            }
            catch (Exception failure) when (!stop.IsCancellationRequested)
            {
                LogStoodStill(failure);
            }

            if (!hasWorked) await requests.WaitForWorkAsync(onlyQuick, LookAgainAfter, stop);
        }
    }

    private async Task RunAsync(DeltaJob job, bool onlyQuick, CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var held = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var renewal = RenewAsync(job, end.Token);
        requests.Begin(job.Pair);
        try
        {
            var progress = new Latest(step =>
            {
                Note(job, step);
                // Others may be small: who takes quick jobs alone waits for no best one.
                if (onlyQuick && step.IsHeld) held.Cancel();
            });
            var delta = await Task.Run(() => builder.BuildAsync(job.Pair, job.Quality, progress, held.Token), stop);
            await cache.AddAsync(delta, stop);
            LogMade(
                job.Quality, job.Product, job.Platform, job.FromVersion, job.ToVersion, delta.Files, delta.TargetBytes,
                delta.Bytes, delta.Digest is not null, watch.ElapsedMilliseconds);
            if (delta.TargetBytes >= LargeBuildBytes) ReturnMemory();
        }
        catch (OperationCanceledException) when (held.IsCancellationRequested)
        {
            await catalogue.DeltaJobs.ReturnAsync(
                job.Id, stop.IsCancellationRequested ? TimeSpan.Zero : HeldPause, CancellationToken.None);
        }
        catch (Exception failure)
        {
            // Whatever a build stumbles over, it is this one delta that there will not be.
            LogFailed(failure, job.Quality, job.Product, job.Platform, job.FromVersion, job.ToVersion, job.Attempts);
            await catalogue.DeltaJobs.FailAsync(job.Id, ErrorOf(failure), CancellationToken.None);
        }
        finally
        {
            requests.Progress.TryRemove(job.Id, out _);
            requests.Complete(job.Pair);
            await end.CancelAsync();
            await renewal;
        }
    }

    private void Note(DeltaJob job, DeltaProgress step)
    {
        requests.Progress[job.Id] = step;
        if (step.IsHeld) requests.LetGo(job.Pair);
    }

    private async Task RenewAsync(DeltaJob job, CancellationToken end)
    {
        using var timer = new PeriodicTimer(IDeltaJobs.Lease / 3);
        try
        {
            while (await timer.WaitForNextTickAsync(end))
            {
                try
                {
                    await catalogue.DeltaJobs.RenewAsync(job.Id, end);
                }
                catch (ChunkOtaException failure)
                {
                    // At worst another worker makes the same delta again.
                    LogStoodStill(failure);
                }
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The build is over.
            return;
        }
    }

    /// <summary>One short line: a list of many failed jobs has to fit a message.</summary>
    private static string ErrorOf(Exception failure)
    {
        var line = OneLine.Of(failure.Message);
        return line.Length <= MaxErrorCharacters ? line : line[..MaxErrorCharacters];
    }

    /// <summary>A build takes hundreds of megabytes, and the next may be hours away.</summary>
    private static void ReturnMemory() =>
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    [LoggerMessage(4070, LogLevel.Information,
        "{Quality} delta of {Product} ({Platform}) {From} → {To}: {Files} files of {TargetBytes} bytes in {Bytes} bytes, "
            + "stored {IsStored}, {Milliseconds} ms")]
    private partial void LogMade(
        DeltaQuality quality, string product, string platform, string from, string to, int files, long targetBytes,
        long bytes, bool isStored, long milliseconds);

    [LoggerMessage(4071, LogLevel.Warning,
        "{Quality} delta of {Product} ({Platform}) {From} → {To} could not be made, try {Attempt}")]
    private partial void LogFailed(
        Exception failure, DeltaQuality quality, string product, string platform, string from, string to, int attempt);

    [LoggerMessage(4072, LogLevel.Warning, "The queue of deltas stands still")]
    private partial void LogStoodStill(Exception failure);

    /// <summary>Notes progress at once, on the thread that makes it.</summary>
    private sealed class Latest(Action<DeltaProgress> note) : IProgress<DeltaProgress>
    {
        public void Report(DeltaProgress value) => note(value);
    }
}
