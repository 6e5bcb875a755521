using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Runs the passes that are due, verifies releases that devices complain of, and logs what is found.</summary>
/// <remarks>Servers that share a catalogue share the passes: each has one holder at a time.</remarks>
public sealed partial class ScrubWorker
{
    /// <summary>The interval at which the worker checks whether a pass is due or was requested through another
    /// server.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(3);

    private readonly StoreScrubbing _scrubbing;
    private readonly DocumentCopies _documents;
    private readonly ICatalogue _catalogue;
    private readonly ScrubOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<ScrubWorker> _log;
    private readonly DateTimeOffset _started;
    private readonly SuspectQueue _suspects;
    private readonly Dictionary<ScrubDepth, SemaphoreSlim> _asked = new()
    {
        [ScrubDepth.Quick] = new SemaphoreSlim(0),
        [ScrubDepth.Full] = new SemaphoreSlim(0),
    };

    /// <param name="store">Verifies its objects.</param>
    /// <param name="options">The schedule.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="log">Gets a line for each object that is found and for each pass.</param>
    internal ScrubWorker(Store store, ScrubOptions options, TimeProvider clock, ILogger<ScrubWorker> log)
    {
        (_scrubbing, _catalogue, _options, _clock, _log) = (store.Scrubbing, store.Catalogue, options, clock, log);
        _documents = store.Publishing.Documents;
        _started = clock.GetUtcNow();
        _suspects = new SuspectQueue(clock);
        _scrubbing.Watch.Observer = LogChange;
        _scrubbing.Watch.Restored = LogRestored;
    }

    /// <summary>Works until it is cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        CopyDocumentsAsync(cancellationToken), RunPassesAsync(ScrubDepth.Quick, cancellationToken),
        RunPassesAsync(ScrubDepth.Full, cancellationToken), VerifySuspectsAsync(cancellationToken));

    /// <summary>Checks at once whether a pass is due.</summary>
    internal void Wake(ScrubDepth depth)
    {
        if (_asked[depth].CurrentCount == 0) _ = _asked[depth].Release();
    }

    /// <summary>Verifies a release soon, because a device could not use what it was sent.</summary>
    internal void Suspect(Digest manifest) => _suspects.Add(manifest);

    /// <summary>Copies the documents that a killed server, or one of an older version, left uncopied.</summary>
    private async Task CopyDocumentsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _documents.ReconcileAsync(cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // The next pass makes each copy that is missing.
            LogStopped(FailureSeverity.LevelOf(failure), failure, ScrubDepth.Quick, failure.DescribeForOperator());
        }
    }

    private async Task RunPassesAsync(ScrubDepth depth, CancellationToken cancellationToken)
    {
        while (true)
        {
            _ = await _asked[depth].WaitAsync(LookEvery, cancellationToken);
            try
            {
                var pass = await _catalogue.Scrubs.ReadAsync(depth, cancellationToken);
                if (!pass.IsDue(_options.IntervalOf(depth), _started, _clock.GetUtcNow())) continue;
                if (await _scrubbing.Scrubber.RunAsync(depth, cancellationToken) is { } finished)
                    await ReportAsync(depth, finished, cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                LogStopped(FailureSeverity.LevelOf(failure), failure, depth, failure.DescribeForOperator());
            }
        }
    }

    private async Task ReportAsync(ScrubDepth depth, FinishedPass pass, CancellationToken cancellationToken)
    {
        LogFinished(depth, pass.Objects, pass.Bytes, pass.Damaged);
        if (pass.Catalogue.Length > 0) LogCatalogueDamaged(OneLine.Of(pass.Catalogue));
        if (depth != ScrubDepth.Full && !await _catalogue.Damage.HasAnyAsync(cancellationToken)) return;
        await foreach (var affected in _scrubbing.Affected.FindAsync(null, cancellationToken))
        {
            var release = affected.Release;
            LogAffected(
                release.Product, release.Version, release.Platform, string.Join(", ", release.Channels),
                affected.LacksManifest ? "its manifest" : $"{affected.Files} files", affected.Devices.Running,
                affected.Devices.Following);
        }
    }

    private async Task VerifySuspectsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var manifest = await _suspects.TakeAsync(cancellationToken);
            try
            {
                LogSuspected(manifest, await _scrubbing.Scrubber.VerifyReleaseAsync(manifest, cancellationToken));
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                LogStopped(FailureSeverity.LevelOf(failure), failure, ScrubDepth.Full, failure.DescribeForOperator());
            }
        }
    }

    private void LogChange(ObjectFinding finding, DamageChange change)
    {
        if (change == DamageChange.Healed) LogHealed(finding.Name);
        else if (finding.Name.Kind == ObjectKind.Delta) LogDeltaLost(finding.Name, finding.Detail);
        else LogDamaged(finding.Name, finding.Detail);
    }

    [LoggerMessage(4080, LogLevel.Warning,
        "Object {Name} is lost: {Detail}: restore it, or publish a release with its content again; "
            + "ota-admin verify lists the releases that it affects")]
    private partial void LogDamaged(ObjectName name, string detail);

    [LoggerMessage(4081, LogLevel.Information, "Object {Name} is intact again")]
    private partial void LogHealed(ObjectName name);

    [LoggerMessage(4082, LogLevel.Warning, "Object {Name} is lost: {Detail}: the delta will be built again")]
    private partial void LogDeltaLost(ObjectName name, string detail);

    [LoggerMessage(4088, LogLevel.Warning, "Object {Name} was lost and came back from a copy: check the disks")]
    private partial void LogRestored(ObjectName name);

    [LoggerMessage(4083, LogLevel.Information,
        "{Depth} scrub finished: {Objects} objects, {Bytes} bytes read, {Damaged} lost")]
    private partial void LogFinished(ScrubDepth depth, long objects, long bytes, long damaged);

    [LoggerMessage(4084, LogLevel.Warning,
        "{Product} {Version} ({Platform}), current in [{Channels}], lacks {What}: {Running} devices run it, "
            + "{Following} devices follow it: publish it again")]
    private partial void LogAffected(
        string product, string version, string platform, string channels, string what, long running, long following);

    [LoggerMessage(4085, LogLevel.Error,
        "The catalogue is damaged: {Problem}: restore it from a backup, or rebuild it with ota-server reindex")]
    private partial void LogCatalogueDamaged(string problem);

    [LoggerMessage(EventId = 4086, Message = "The {Depth} scrub stopped and goes on later: {Detail}")]
    private partial void LogStopped(LogLevel level, Exception failure, ScrubDepth depth, string detail);

    [LoggerMessage(4087, LogLevel.Information,
        "Release {Manifest} verified, because a device could not use what it was sent: {Damaged} objects lost")]
    private partial void LogSuspected(Digest manifest, int damaged);
}
