namespace ChunkOta.Agent;

/// <summary>Makes a release current; it is kept once it has proved that it works, if this device asks for
/// that.</summary>
/// <remarks>The switch itself cannot be cancelled: it is short, and done whole or not at all.</remarks>
/// <param name="product">The product; its lock is held.</param>
/// <param name="gate">Watches over the new release.</param>
/// <param name="trustStore">The trust state on disk.</param>
/// <param name="clock">Dates the record.</param>
internal sealed class SwitchStep(LocalProduct product, HealthGate gate, TrustStore trustStore, TimeProvider clock)
{
    /// <summary>Tells whether a release is current already.</summary>
    /// <param name="state">The record of what is installed.</param>
    /// <param name="release">The release.</param>
    public bool IsCurrent(ProductState state, ReleaseContents release) =>
        state.Current == release.Digest && state.CurrentRelease is { } current
        && product.Activation.IsCurrent(current) && product.Destination.Holds(current);

    /// <summary>Makes a release current that was sealed by this run.</summary>
    /// <param name="goal">The goal of the run.</param>
    /// <param name="state">The record of what is installed.</param>
    /// <param name="accepted">The release.</param>
    /// <returns>The record afterwards; a trial may be open.</returns>
    /// <exception cref="ChunkOtaException"><c>HOOK_FAILED</c>: nothing has changed; <c>HEALTH_FAILED</c>: the release
    /// before it is current again.</exception>
    public Task<ProductState> RunAsync(
        RunGoal goal, ProductState state, AcceptedUpdate accepted, CancellationToken cancellationToken)
    {
        var release = ReleaseOf(accepted.Release);
        return SwitchAsync(
            state, release, () => product.Switch.Adopt(state, OrderOf(goal, state, release)), cancellationToken);
    }

    /// <summary>Makes a release current that is installed already, if it is undamaged.</summary>
    /// <param name="goal">The goal of the run.</param>
    /// <param name="state">The record of what is installed.</param>
    /// <param name="accepted">The release.</param>
    /// <returns>The record afterwards; null when it must be built first.</returns>
    /// <exception cref="ChunkOtaException"><c>VERSION_TAKEN</c>: something else bears its name; and see
    /// <see cref="RunAsync"/>.</exception>
    public async Task<ProductState?> TryRunInstalledAsync(
        RunGoal goal, ProductState state, AcceptedUpdate accepted, CancellationToken cancellationToken)
    {
        var (manifest, destination) = (accepted.Manifest, product.Destination);
        if (!destination.IsTaken(manifest.Head.Version))
            return null;
        var installed = state.Find(manifest.Digest);
        var release = installed ?? ReleaseOf(accepted.Release);
        if (destination.Check(manifest.Head.Version, accepted.Release, cancellationToken).Damage.Count > 0)
        {
            // A slot is there to be written, whatever it holds.
            if (installed is null && product.Slots is null)
            {
                throw new ChunkOtaException(
                    ErrorCodes.VersionTaken,
                    $"{destination.PathOf(manifest.Head.Version)} is not {goal.Product} {manifest.Head.Version}: "
                    + "move it away and run again");
            }
            Reopen(state, release);
            return null;
        }
        // A release that the record does not know (the record was lost) is as good as its content.
        product.Manifests.Save(manifest.Digest, manifest.Envelope);
        return await SwitchAsync(
            state, release, () => product.Switch.Activate(state, OrderOf(goal, state, release)), cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task<ProductState> SwitchAsync(
        ProductState state, InstalledRelease release, Func<ProductState> flip, CancellationToken cancellationToken)
    {
        await gate.BeforeSwitchAsync(state, release.Version, cancellationToken).ConfigureAwait(false);
        var after = flip();
        await gate.AfterSwitchAsync(after, state.CurrentRelease?.Version).ConfigureAwait(false);
        if (after.Trial is not null)
            return await TrySettleAsync(after, cancellationToken).ConfigureAwait(false);
        await new AcceptedCounter(product, trustStore).RaiseAsync(after).ConfigureAwait(false);
        return after;
    }

    /// <summary>Begins the trial. The release is current: what keeps the trial from getting on is not a failure of the
    /// update, and the next run goes on with it.</summary>
    private async Task<ProductState> TrySettleAsync(ProductState after, CancellationToken cancellationToken)
    {
        try
        {
            return await gate.SettleAsync(after, cancellationToken).ConfigureAwait(false);
        }
        catch (ChunkOtaException e) when (e.Code != ErrorCodes.HealthFailed)
        {
            product.Warnings.Add(e);
            return after;
        }
    }

    private void Reopen(ProductState state, InstalledRelease damaged)
    {
        if (state.Previous == damaged.ManifestDigest)
            product.Activation.Confirm(previous: null);
        product.Destination.Reopen(damaged);
        product.States.Save(state.Without(damaged.ManifestDigest));
    }

    private SwitchOrder OrderOf(RunGoal goal, ProductState state, InstalledRelease release)
    {
        var health = goal.Policy.Health;
        var needsRestart = product.Activation.NeedsRestart;
        var boot = needsRestart ? new BootTime(TrialRules.NextBoot, 0) : MachineBoot.Now(clock);
        // Where the machine has to be restarted, that it starts is a proof in itself.
        var trial = (health.AsksForProof || needsRestart) && release.ManifestDigest != state.Current
            ? TrialRules.Begin(health, state.Current, state.Previous, boot) with
            {
                Id = $"{MachineBoot.Id} {clock.GetTimestamp()}",
            }
            : null;
        return new SwitchOrder(goal.Operation, release, trial);
    }

    private InstalledRelease ReleaseOf(ReleaseContents release) => new(
        release.Manifest.Version, release.Digest, release.Manifest.Counter, clock.GetUtcNow().ToUnixTimeSeconds(),
        release.Manifest.Build.Length > 0 ? release.Manifest.Build : null);
}
