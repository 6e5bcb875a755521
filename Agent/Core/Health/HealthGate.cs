namespace ChunkOta.Agent;

/// <summary>Watches over a release on trial: it is kept, or the release before it becomes current again at once,
/// without a server.</summary>
/// <param name="product">The product; its lock is held, its record recovered.</param>
/// <param name="policy">What this device does around its updates.</param>
/// <param name="trustStore">The trust state on disk.</param>
/// <param name="clock">The clock.</param>
/// <param name="monitor">Told the stage, if given.</param>
internal sealed class HealthGate(
    LocalProduct product, ProductPolicy policy, TrustStore trustStore, TimeProvider clock, RunMonitor? monitor = null)
{
    private readonly ProductHooks _hooks = new(product.Destination, clock);

    /// <summary>Collects the proofs that can be had now, and judges.</summary>
    /// <param name="state">The record.</param>
    /// <returns>The record afterwards: without a trial if it is over.</returns>
    /// <exception cref="ChunkOtaException"><c>HEALTH_FAILED</c>: the release was rejected.</exception>
    /// <exception cref="OperationCanceledException">The trial goes on.</exception>
    public async Task<ProductState> SettleAsync(ProductState state, CancellationToken cancellationToken)
    {
        if (await IsToStartAsync(state).ConfigureAwait(false) || state.Trial is not { } trial)
            return state;
        monitor?.Enter(UpdateStage.Verifying);
        state = SetTrial(state, Refreshed(trial));
        var verdict = TrialRules.Judge(state.Trial!, MachineBoot.Now(clock));
        if (verdict.IsOpen && trial.Policy.Command.Count > 0 && !trial.HasPassedCommand)
            (state, verdict) = await CheckAsync(state, cancellationToken).ConfigureAwait(false);
        return await EndAsync(state, verdict).ConfigureAwait(false);
    }

    /// <summary>Notes a proof, and judges.</summary>
    /// <param name="state">The record; a trial is open.</param>
    /// <param name="change">Notes it.</param>
    /// <returns>The record afterwards.</returns>
    /// <exception cref="ChunkOtaException"><c>HEALTH_FAILED</c>: the release was rejected.</exception>
    public async Task<ProductState> NoteAsync(ProductState state, Func<Trial, Trial> change)
    {
        if (await IsToStartAsync(state).ConfigureAwait(false))
            return state;
        state = SetTrial(state, change(Refreshed(state.Trial!)));
        return await EndAsync(state, TrialRules.Judge(state.Trial!, MachineBoot.Now(clock))).ConfigureAwait(false);
    }

    /// <summary>Runs the program that follows a switch; its failure changes nothing but a trial.</summary>
    /// <param name="state">The record after the switch; without a current release, what ran before the first one runs
    /// again.</param>
    /// <param name="fromVersion">The version that was current before; null for none.</param>
    public async Task AfterSwitchAsync(ProductState state, string? fromVersion)
    {
        if (policy.AfterSwitch.Count == 0)
            return;
        var version = state.CurrentRelease?.Version ?? "";
        try
        {
            var limit = TimeSpan.FromSeconds(policy.HookSeconds);
            var outcome = await _hooks.RunAsync(
                policy.AfterSwitch, limit, SubjectOf(state, version, fromVersion), CancellationToken.None)
                .ConfigureAwait(false);
            if (ProductHooks.FailureOf(outcome, limit) is { } failure)
                product.Warnings.Add(HookFailure("after the switch", failure));
        }
        catch (ChunkOtaException e)
        {
            product.Warnings.Add(e);
        }
    }

    /// <summary>Runs the program that precedes a switch.</summary>
    /// <param name="state">The record before the switch.</param>
    /// <param name="version">The version that is to become current.</param>
    /// <exception cref="ChunkOtaException"><c>HOOK_FAILED</c>: nothing has changed.</exception>
    public async Task BeforeSwitchAsync(ProductState state, string version, CancellationToken cancellationToken)
    {
        if (policy.BeforeSwitch.Count == 0)
            return;
        var limit = TimeSpan.FromSeconds(policy.HookSeconds);
        var outcome = await _hooks.RunAsync(
            policy.BeforeSwitch, limit, SubjectOf(state, version, state.CurrentRelease?.Version), cancellationToken)
            .ConfigureAwait(false);
        if (ProductHooks.FailureOf(outcome, limit) is { } failure)
            throw HookFailure("before the switch", failure);
    }

    /// <summary>Tells if the current release runs only once the machine is restarted.</summary>
    /// <exception cref="ChunkOtaException"><c>HEALTH_FAILED</c>: the machine was restarted, and went back.</exception>
    private async Task<bool> IsToStartAsync(ProductState state) =>
        state.CurrentRelease is { } current && product.Activation.FindStart(current) switch
        {
            ReleaseStart.Running => false,
            ReleaseStart.Waiting => true,
            _ => throw await FollowMachineAsync(state, current).ConfigureAwait(false),
        };

    /// <summary>Records that the machine went back by itself.</summary>
    private async Task<ChunkOtaException> FollowMachineAsync(ProductState state, InstalledRelease failed)
    {
        // Bytes that changed on this device say nothing about the release: it may be written again.
        var isDamaged = product.Manifests.FindContents(failed.ManifestDigest) is { } contents
            && product.Destination.Check(failed.Version, contents).Damage.Count > 0;
        var failure = await GoBackAsync(
            state, isDamaged ? "its image is damaged" : "the machine did not start with it", isDone: true)
            .ConfigureAwait(false);
        if (isDamaged && product.States.Find() is { } after)
        {
            product.Destination.Reopen(failed);
            product.States.Save(after.WithoutRejected(failed.ManifestDigest));
        }
        return failure;
    }

    private async Task<(ProductState State, TrialVerdict Verdict)> CheckAsync(
        ProductState state, CancellationToken cancellationToken)
    {
        // Counted before it runs: a command that takes the machine down with it is not started for ever.
        state = SetTrial(state, state.Trial! with { Checks = state.Trial!.Checks + 1 });
        var trial = state.Trial!;
        var verdict = TrialRules.Judge(trial, MachineBoot.Now(clock));
        if (!verdict.IsOpen)
            return (state, verdict);
        var remaining = TrialRules.RemainingSeconds(trial, MachineBoot.Now(clock));
        var limit = TimeSpan.FromSeconds(Math.Min(trial.Policy.CommandSeconds, remaining));
        string? failure;
        try
        {
            var outcome = await _hooks.RunAsync(
                trial.Policy.Command,
                limit,
                SubjectOf(state, state.CurrentRelease!.Version, state.Find(trial.From)?.Version),
                cancellationToken).ConfigureAwait(false);
            failure = ProductHooks.FailureOf(outcome, limit);
        }
        catch (OperationCanceledException)
        {
            // Another command or the end of watch has stopped it: that says nothing about the release.
            SetTrial(state, trial with { Checks = trial.Checks - 1 });
            throw;
        }
        catch (ChunkOtaException e)
        {
            failure = e.Message;
        }
        if (failure is not null)
            return (state, new TrialVerdict(false, $"its health check {failure}"));
        state = SetTrial(state, trial with { HasPassedCommand = true });
        return (state, TrialRules.Judge(state.Trial!, MachineBoot.Now(clock)));
    }

    private async Task<ProductState> EndAsync(ProductState state, TrialVerdict verdict)
    {
        if (verdict.IsOpen)
            return state;
        if (verdict.IsPassed)
        {
            state = product.Switch.Keep(state);
            await new AcceptedCounter(product, trustStore).RaiseAsync(state).ConfigureAwait(false);
            return state;
        }
        throw await GoBackAsync(state, verdict.Failure!).ConfigureAwait(false);
    }

    /// <summary>Goes back from the current release.</summary>
    /// <param name="state">The record.</param>
    /// <param name="cause">Why it failed.</param>
    /// <param name="isDone">The machine runs the older release already: nothing has to be restarted.</param>
    private async Task<ChunkOtaException> GoBackAsync(ProductState state, string cause, bool isDone = false)
    {
        monitor?.Enter(UpdateStage.RollingBack);
        var failed = state.CurrentRelease!;
        var from = state.Trial is { } trial ? state.Find(trial.From) : state.PreviousRelease;
        ProductState after;
        string outcome;
        if (from is not null && product.Destination.Holds(from))
        {
            (after, outcome) = (product.Switch.GoBack(state, from, cause), $"{from.Version} is current again");
        }
        else if (product.Switch.TryLeave(state, cause) is { } left)
        {
            (after, outcome) = (left, "what ran before it runs again");
        }
        else
        {
            // Something that does not work as it should is better than nothing: it stays, and status says what it is.
            product.Switch.Keep(state.WithRejected(new RejectedRelease(
                failed.Version, failed.ManifestDigest, clock.GetUtcNow().ToUnixTimeSeconds(), cause)));
            return Failure("there is no release to go back to");
        }
        if (!isDone)
            await AfterSwitchAsync(after, failed.Version).ConfigureAwait(false);
        return Failure(isDone || !product.Activation.NeedsRestart ? outcome : outcome + " at the next restart");

        ChunkOtaException Failure(string outcome) => new(
            ErrorCodes.HealthFailed, $"{state.Product} {failed.Version} does not work: {cause}; {outcome}");
    }

    /// <summary>The trial with what is known now of the machine's boots and the program's starts.</summary>
    private Trial Refreshed(Trial trial) =>
        TrialRules.With(TrialRules.At(trial, MachineBoot.Now(clock)), product.Launches.Find(trial.Id));

    private ProductState SetTrial(ProductState state, Trial trial) =>
        trial == state.Trial ? state : product.States.Save(state with { Trial = trial });

    private static HookSubject SubjectOf(ProductState state, string version, string? fromVersion) =>
        new(state.Product, version, fromVersion ?? "");

    private static ChunkOtaException HookFailure(string when, string failure) =>
        new(ErrorCodes.HookFailed, $"the program that runs {when} {failure}");
}
