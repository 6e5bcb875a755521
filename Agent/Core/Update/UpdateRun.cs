using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>One update as a list of steps: check, plan, build, switch; against any server and source.</summary>
/// <param name="product">The product; its folder is made, its lock held, its record recovered.</param>
/// <param name="trustStore">The trust state on disk.</param>
/// <param name="service">The server.</param>
/// <param name="source">The source of the release.</param>
/// <param name="monitor">Told the progress; it has the clock.</param>
internal sealed class UpdateRun(
    LocalProduct product,
    TrustStore trustStore,
    IUpdateService service,
    IReleaseSource source,
    RunMonitor monitor)
{
    private readonly PhaseTimer _timer = new(monitor.Clock);

    /// <summary>Runs the steps.</summary>
    /// <param name="goal">The goal of the run.</param>
    /// <param name="state">The record of what is installed; null when nothing is.</param>
    /// <param name="trust">The trust state of the product.</param>
    public async Task<UpdateResult> RunAsync(
        RunGoal goal, ProductState? state, TrustRecord trust, CancellationToken cancellationToken)
    {
        var gate = new HealthGate(product, goal.Policy, trustStore, monitor.Clock, monitor);
        state = await SettleAsync(gate, goal, state, cancellationToken).ConfigureAwait(false);
        trust = WithRaisedCounter(trust);
        var accepted = await CheckAsync(goal, state, trust, cancellationToken).ConfigureAwait(false);
        state = Follow(goal, state);

        var switching = new SwitchStep(product, gate, trustStore, monitor.Clock);
        if (switching.IsCurrent(state, accepted.Release))
        {
            if (!goal.IsDryRun)
                await KeepAcceptedAsync(state, accepted).ConfigureAwait(false);
            var current = ResultOf(accepted.Release, state, CurrentOf(state)) with { ReusedBytes = 0 };
            return await RepairAsync(goal, state, current, cancellationToken).ConfigureAwait(false);
        }
        if (FindObstacle(goal, state, accepted) is { } obstacle)
        {
            var left = ResultOf(accepted.Release, state, obstacle) with
            {
                ReusedBytes = 0,
                Rejected = state.FindRejected(accepted.Release.Digest),
            };
            return await RepairAsync(goal, state, left, cancellationToken).ConfigureAwait(false);
        }
        monitor.AimAt(accepted.Release.Manifest.Version);
        var staging = new StagedStop(product, goal, monitor.Clock);
        var isStopped = staging.Applies(state, accepted);
        if (isStopped && staging.IsReady(state, accepted))
        {
            staging.Record(state, accepted);
            return ResultOf(accepted.Release, state, UpdateState.Staged) with { ReusedBytes = 0 };
        }
        // A release may be complete that no record knows of: it is not switched to where a person has to agree.
        if (!goal.IsDryRun && !isStopped
            && await switching.TryRunInstalledAsync(goal, state, accepted, cancellationToken).ConfigureAwait(false)
                is { } switched)
            return ResultOf(accepted.Release, state, OutcomeOf(switched));

        state = product.States.Find() ?? state;
        using var hash = new FileHash();
        using var update = await PlanAsync(goal, accepted, state, hash, cancellationToken).ConfigureAwait(false);
        if (goal.IsDryRun)
        {
            var steps = await new ExplainStep(service).RunAsync(update, state, cancellationToken).ConfigureAwait(false);
            return ResultOf(update.Plan) with
            {
                Steps = steps,
                Shortage = update.Shortage is { } shortage ? ErrorReport.Of(shortage) : null,
            };
        }

        HeapCompaction.AfterPlanning(accepted.Release.Entries.Count);
        var built = await BuildAsync(update, hash, cancellationToken).ConfigureAwait(false);
        if (staging.Applies(state, accepted))
        {
            staging.Record(state, accepted);
            return ResultOf(update.Plan, built) with { State = UpdateState.Staged };
        }

        monitor.Enter(UpdateStage.Activating);
        using (_timer.Measure(RunPhase.Activate))
            state = await switching.RunAsync(goal, state, accepted, cancellationToken).ConfigureAwait(false);
        return ResultOf(update.Plan, built) with { State = OutcomeOf(state) };
    }

    /// <summary>Writes the manifest of the current release, and its counter, which an interrupted run might not have
    /// written.</summary>
    private async Task KeepAcceptedAsync(ProductState state, AcceptedUpdate accepted)
    {
        product.Manifests.Save(accepted.Manifest.Digest, accepted.Manifest.Envelope);
        if (state.Trial is null && accepted.Trust.AcceptedCounter < accepted.Release.Manifest.Counter)
            await new AcceptedCounter(product, trustStore).RaiseAsync(state).ConfigureAwait(false);
    }

    /// <summary>Ends a trial of an earlier run before anything new begins, with or without a server.</summary>
    private async Task<ProductState?> SettleAsync(
        HealthGate gate, RunGoal goal, ProductState? state, CancellationToken cancellationToken)
    {
        if (state is { Trial: not null, CurrentRelease: { } tried })
            monitor.AimAt(tried.Version);
        return state is null || goal.IsDryRun
            ? state
            : await gate.SettleAsync(state, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes over the counter that the end of a trial has raised. The rest may be newer here than in the
    /// store, as after an enrolment.</summary>
    private TrustRecord WithRaisedCounter(TrustRecord trust) =>
        trustStore.Load().Find(trust.Server, trust.Product) is { } stored && stored.PinnedRoot == trust.PinnedRoot
            ? trust with { AcceptedCounter = Math.Max(stored.AcceptedCounter, trust.AcceptedCounter) }
            : trust;

    /// <summary>Repairs the release that stays current, if it is damaged.</summary>
    private async Task<UpdateResult> RepairAsync(
        RunGoal goal, ProductState state, UpdateResult result, CancellationToken cancellationToken)
    {
        var repair = await new DamageNotice(product, source, monitor)
            .RunAsync(state, goal.VerifiesInFull, goal.IsDryRun, cancellationToken).ConfigureAwait(false);
        return repair is null ? result : result with
        {
            State = result.State == UpdateState.Unchanged ? UpdateState.Repaired : result.State,
            Repaired = repair.Damage,
            FetchedChunkBytes = repair.FetchedBytes,
        };
    }

    /// <summary>Finds what keeps this device from going on by itself. A person who names a version has
    /// decided.</summary>
    private static UpdateState? FindObstacle(RunGoal goal, ProductState state, AcceptedUpdate accepted) =>
        state.Trial is not null ? UpdateState.OnTrial
        : goal.Version is not null ? null
        : state.HeldSinceUnixSeconds is not null ? UpdateState.Held
        : state.FindRejected(accepted.Release.Digest) is not null ? UpdateState.Rejected
        : null;

    private static UpdateState CurrentOf(ProductState state) =>
        state.Trial is null ? UpdateState.Unchanged : UpdateState.OnTrial;

    private static UpdateState OutcomeOf(ProductState state) =>
        state.Trial is null ? UpdateState.Installed : UpdateState.OnTrial;

    private async Task<AcceptedUpdate> CheckAsync(
        RunGoal goal, ProductState? state, TrustRecord trust, CancellationToken cancellationToken)
    {
        monitor.Enter(UpdateStage.Checking);
        using var phase = _timer.Measure(RunPhase.Check);
        var check = new CheckStep(product, trustStore, service, monitor.Clock);
        return await new PatientCall(monitor, () => service.HeldTransferBytes)
            .RunAsync(() => check.RunAsync(goal, state, trust, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task<PreparedUpdate> PlanAsync(
        RunGoal goal,
        AcceptedUpdate accepted,
        ProductState state,
        FileHash hash,
        CancellationToken cancellationToken)
    {
        monitor.Enter(UpdateStage.Planning);
        using var phase = _timer.Measure(RunPhase.Plan);
        var update = await new PlanStep(product, source, hash, monitor)
            .RunAsync(goal, accepted, state, cancellationToken).ConfigureAwait(false);
        monitor.Planned(update.Plan);
        return update;
    }

    private async Task<BuildFigures> BuildAsync(
        PreparedUpdate update, FileHash hash, CancellationToken cancellationToken)
    {
        using var phase = _timer.Measure(RunPhase.Fetch);
        return await new BuildStep(product, source, monitor)
            .RunAsync(update, hash, _timer, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the record, following the server and channel of the goal.</summary>
    private ProductState Follow(RunGoal goal, ProductState? state)
    {
        var followed = (state ?? new ProductState
        {
            Product = goal.Product,
            Platform = goal.Platform,
            Channel = goal.Channel,
            Server = goal.Server,
        }) with
        {
            Channel = goal.Channel,
            Server = goal.Server,
        };
        return goal.IsDryRun || state is null || followed == state
            ? followed
            : product.States.Save(followed with { IsReportDue = true });
    }

    private UpdateResult ResultOf(ReleaseContents release, ProductState state, UpdateState outcome)
    {
        var figures = new UpdateFigures
        {
            Product = release.Manifest.Product,
            Version = release.Manifest.Version,
            Build = release.Manifest.Build.Length > 0 ? release.Manifest.Build : null,
            FromVersion = state.CurrentRelease?.Version,
            Platform = release.Manifest.Platform,
            ManifestDigest = release.Digest,
            Files = release.Files,
            TreeBytes = release.TreeBytes,
            ReusedBytes = release.TreeBytes,
        };
        return new UpdateResult(figures, outcome) { Seconds = _timer.ToSeconds() };
    }

    private UpdateResult ResultOf(UpdatePlan plan) => new(plan, UpdateState.Planned)
    {
        FetchedChunkBytes = plan.FetchBytes,
        FetchedDeltaBytes = plan.DeltaBytes,
        Kinds = plan.Kinds,
        Seconds = _timer.ToSeconds(),
    };

    private UpdateResult ResultOf(UpdatePlan plan, BuildFigures built) => new(plan, UpdateState.Installed)
    {
        FetchedChunkBytes = built.FetchedChunkBytes,
        FetchedDeltaBytes = built.FetchedDeltaBytes,
        DeltaFiles = built.DeltaFiles,
        DeltaFailure = built.DeltaFailure,
        WrittenBytes = built.WrittenBytes,
        ReusedBytes = Math.Max(0, plan.TreeBytes - built.FetchedChunkBytes - built.FetchedDeltaBytes),
        Seconds = _timer.ToSeconds(),
    };
}
