using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>What one run is to bring about.</summary>
/// <param name="Operation">What to call it in records and reports: <c>install</c> or <c>upgrade</c>.</param>
/// <param name="Server">The server, for the record.</param>
/// <param name="Product">The product.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Version">The version; null for what the channel says.</param>
/// <param name="IsDryRun">Only plan.</param>
/// <param name="Link">How files that do not change are taken over.</param>
internal sealed record RunGoal(
    string Operation,
    string Server,
    string Product,
    string Platform,
    string Channel,
    string? Version,
    bool IsDryRun,
    LinkMode Link = LinkMode.Reflink);

/// <summary>One update from the check to the flip, against any source.</summary>
/// <param name="home">The product's place; made, its lock held, its record recovered.</param>
/// <param name="trustStore">What is held true, on disk.</param>
/// <param name="source">Where releases come from.</param>
/// <param name="activation">The flip.</param>
/// <param name="clock">The clock.</param>
/// <param name="progress">Told where the run is.</param>
internal sealed class UpdateRun(
    ProductHome home,
    TrustStore trustStore,
    IReleaseSource source,
    IActivation activation,
    TimeProvider clock,
    IProgress<UpdateProgress>? progress)
{
    private const int ManyEntries = 10_000;

    private readonly StateStore _states = new(home);
    private readonly ManifestStore _manifests = new(home);
    private readonly PhaseSeconds _seconds = new();

    /// <summary>Runs.</summary>
    /// <param name="target">What is wanted.</param>
    /// <param name="state">What is installed; null: nothing.</param>
    /// <param name="trust">What is held true of the product.</param>
    public async Task<UpdateResult> RunAsync(
        RunGoal target, ProductState? state, TrustRecord trust, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var accepted = await CheckAsync(target, state, trust, cancellationToken).ConfigureAwait(false);
        state = Follow(target, state);
        UpdateResult result;
        if (state.Current == accepted.Contents.Digest && IsActive(state))
            result = ResultOf(accepted.Contents, state) with { State = UpdateState.Unchanged, ReusedBytes = 0 };
        else if (!target.IsDryRun && await TryActivateInstalledAsync(target, state, accepted).ConfigureAwait(false))
            result = ResultOf(accepted.Contents, state) with { State = UpdateState.Installed };
        else
            result = await BuildAsync(target, state, accepted, cancellationToken).ConfigureAwait(false);
        _seconds.Total = clock.GetElapsedTime(started).TotalSeconds;
        return result with { Seconds = _seconds };
    }

    private async Task<AcceptedUpdate> CheckAsync(
        RunGoal target, ProductState? state, TrustRecord trust, CancellationToken cancellationToken)
    {
        progress?.Report(new UpdateProgress("check", 0, 0));
        var started = clock.GetTimestamp();
        var now = clock.GetUtcNow();
        var floor = DateTimeOffset.FromUnixTimeSeconds(trust.TimeFloorUnixSeconds);
        // The installed release is the second witness: a trust store that was set back does not set the device back.
        var minimum = Math.Max(
            Math.Max(trust.AcceptedCounter, trust.MinimumCounter), state?.CurrentRelease?.Counter ?? 0);
        var check = new UpdateCheck(source, _manifests, trust, minimum, now > floor ? now : floor);
        var accepted = await check.RunAsync(
            new CheckTarget(target.Product, target.Platform, target.Channel, target.Version, FindHeld(state)),
            cancellationToken).ConfigureAwait(false);
        if (!target.IsDryRun)
        {
            await trustStore.UpdateAsync(target.Server, target.Product, _ => accepted.Trust, cancellationToken)
                .ConfigureAwait(false);
        }
        _seconds.Check = clock.GetElapsedTime(started).TotalSeconds;
        return accepted;
    }

    /// <summary>The manifest the server may build on: the installed one, which deltas build on, too; where there is
    /// none, that of an interrupted run.</summary>
    private Digest? FindHeld(ProductState? state)
    {
        if (state?.Current is { } current && _manifests.FindEnvelope(current) is not null)
            return current;
        foreach (var (name, _) in Fs.FindNames(home.Staging) ?? [])
        {
            if (Digest.TryParse(name, null, out var staged) && _manifests.FindEnvelope(staged) is not null)
                return staged;
        }
        return null;
    }

    /// <summary>The record, following the server and channel that were asked for.</summary>
    private ProductState Follow(RunGoal target, ProductState? state)
    {
        var followed = (state ?? new ProductState
        {
            Product = target.Product,
            Platform = target.Platform,
            Channel = target.Channel,
            Server = target.Server,
        }) with
        {
            Channel = target.Channel,
            Server = target.Server,
        };
        return target.IsDryRun || state is null || followed == state
            ? followed
            : _states.Save(followed with { IsReportDue = true });
    }

    private bool IsActive(ProductState state) =>
        state.CurrentRelease is { } current && activation.FindCurrent(home) == current.Version
        && Fs.FindFacts(home.ReleaseOf(current.Version)) is { Kind: FileKind.Directory };

    /// <summary>Activates a tree that is installed already, if it is what it should be.</summary>
    private async Task<bool> TryActivateInstalledAsync(RunGoal target, ProductState state, AcceptedUpdate accepted)
    {
        var manifest = accepted.Manifest;
        var path = home.ReleaseOf(manifest.Head.Version);
        if (Fs.FindFacts(path) is null)
            return false;
        var installed = state.Find(manifest.Digest);
        if (!IsWhole(path, accepted.Contents))
        {
            if (installed is null)
            {
                throw new ChunkOtaException(
                    ErrorCodes.VersionTaken,
                    $"{path} holds something else than {target.Product} {manifest.Head.Version}: move it away and run again");
            }
            SetBack(state, installed);
            return false;
        }
        // A tree that the record does not know (the record was lost) is as good as its content.
        _manifests.Save(manifest.Digest, manifest.Envelope);
        await ActivateAsync(target, state, accepted, installed ?? ReleaseOf(accepted.Contents), null).ConfigureAwait(false);
        return true;
    }

    private static bool IsWhole(string path, WantedRelease contents)
    {
        using var tree = TreeFiles.TryOpenTree(path);
        using var hash = new FileHash();
        return tree is not null
            && TreeCheck.Run(tree, contents, hash).Count == 0;
    }

    private InstalledRelease ReleaseOf(WantedRelease contents) => new(
        contents.Manifest.Version, contents.Digest, contents.Manifest.Counter, clock.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>Makes a damaged tree staging again: what of it is right need not be fetched a second time.</summary>
    private void SetBack(ProductState state, InstalledRelease damaged)
    {
        var staging = StagingTree.PathOf(home, damaged.ManifestDigest);
        if (state.Previous == damaged.ManifestDigest)
            activation.SetPrevious(home, null);
        Fs.RemoveTree(staging);
        Fs.Rename(home.ReleaseOf(damaged.Version), staging);
        Fs.SyncDirectory(home.Releases);
        _states.Save(state.Without(damaged.ManifestDigest));
    }

    private async Task<UpdateResult> BuildAsync(
        RunGoal target, ProductState state, AcceptedUpdate accepted, CancellationToken cancellationToken)
    {
        progress?.Report(new UpdateProgress("plan", 0, 0));
        state = _states.Find() ?? state;
        var started = clock.GetTimestamp();
        using var hash = new FileHash();
        using var update = await new UpdatePlanner(home, _manifests, source, hash)
            .PrepareAsync(accepted, state, target, cancellationToken).ConfigureAwait(false);
        _seconds.Plan = clock.GetElapsedTime(started).TotalSeconds;
        progress?.Report(new UpdateProgress("plan", 0, 0) { Plan = update.Plan });
        var result = ResultOf(accepted.Contents, state) with
        {
            State = UpdateState.Planned,
            ChangedBytes = update.Plan.ChangedBytes,
            KeptFiles = update.Plan.KeptFiles,
            ReusedBytes = update.Plan.ReusedBytes,
            FetchedChunkBytes = update.Plan.FetchBytes,
            FetchedDeltaBytes = update.Plan.DeltaBytes,
            PeakDiskBytes = update.Plan.PeakDiskBytes,
        };
        if (target.IsDryRun)
        {
            return result with
            {
                Kinds = update.Plan.Kinds,
                Steps = await ExplainAsync(update, state, cancellationToken).ConfigureAwait(false),
            };
        }
        LetGo(accepted.Contents);

        started = clock.GetTimestamp();
        var build = new UpdateBuild(home, _manifests, source, hash, clock, progress);
        _manifests.Save(accepted.Manifest.Digest, accepted.Manifest.Envelope);
        var staged = await build.RunAsync(update, cancellationToken).ConfigureAwait(false);
        _seconds.Verify = build.Verifying.TotalSeconds;
        _seconds.Fetch = build.Building.TotalSeconds - _seconds.Verify;
        await ActivateAsync(target, state, accepted, ReleaseOf(accepted.Contents), staged).ConfigureAwait(false);
        _seconds.Activate = clock.GetElapsedTime(started).TotalSeconds - build.Building.TotalSeconds;
        return result with
        {
            State = UpdateState.Installed,
            FetchedChunkBytes = build.FetchedBytes,
            FetchedDeltaBytes = build.Delta.FetchedBytes,
            DeltaFiles = build.Delta.MadeFiles,
            DeltaFailure = build.Delta.FailureCode,
            ReusedBytes = Math.Max(0, result.TreeBytes - build.FetchedBytes - build.Delta.FetchedBytes),
        };
    }

    /// <summary>The plan's steps, with the server's reasons where it gives any.</summary>
    private async Task<IReadOnlyList<FileStep>> ExplainAsync(
        PreparedUpdate update, ProductState state, CancellationToken cancellationToken)
    {
        var steps = update.Plan.Steps;
        if (state.Current is not { } from)
            return steps;
        var request = new ExplainUpdateRequest
        {
            FromManifestDigest = from.ToByteString(),
            ManifestDigest = update.Target.Digest.ToByteString(),
        };
        var explanation = new PlanExplanation(steps);
        var left = update.Target.Entries.Count;
        try
        {
            await foreach (var cost in source.ExplainAsync(request, cancellationToken).ConfigureAwait(false))
            {
                // One for each entry is the most that makes sense.
                if (left-- == 0)
                    return steps;
                explanation.Add(cost);
            }
        }
        catch (ChunkOtaException)
        {
            // A plan stands without its reasons: the server may have forgotten the release that runs here.
            return steps;
        }
        return explanation.Explain();
    }

    /// <summary>Gives back what checking and planning have left, before the long part begins.</summary>
    /// <remarks>A large manifest leaves several times its size behind, which the heap would carry to the end.</remarks>
    private static void LetGo(WantedRelease contents)
    {
        if (contents.Entries.Count > ManyEntries)
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    /// <summary>Flips, and only then accepts the release's counter. Not cancellable: it is short, and whole.</summary>
    private async Task ActivateAsync(
        RunGoal target, ProductState state, AcceptedUpdate accepted, InstalledRelease release, string? staged)
    {
        progress?.Report(new UpdateProgress("activate", 0, 0));
        new ReleaseSwitch(home, _states, activation, clock).Run(state, target.Operation, release, staged);
        await trustStore.UpdateAsync(
            target.Server,
            target.Product,
            trust => (trust ?? accepted.Trust) with
            {
                AcceptedCounter = Math.Max(accepted.Trust.AcceptedCounter, release.Counter),
                MinimumCounter = Math.Max(accepted.Trust.MinimumCounter, accepted.Contents.Manifest.Floor),
            },
            CancellationToken.None).ConfigureAwait(false);
    }

    private static UpdateResult ResultOf(WantedRelease contents, ProductState state) => new()
    {
        Product = contents.Manifest.Product,
        Version = contents.Manifest.Version,
        FromVersion = state.CurrentRelease?.Version,
        Platform = contents.Manifest.Platform,
        ManifestDigest = contents.Digest,
        State = UpdateState.Planned,
        Files = contents.Files,
        TreeBytes = contents.TreeBytes,
        ReusedBytes = contents.TreeBytes,
    };
}
