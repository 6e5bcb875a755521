
namespace ChunkOta.Agent;

/// <summary>Makes a release current, and then accepts its counter.</summary>
/// <remarks>Not cancellable: it is short, and done whole or not at all.</remarks>
/// <param name="product">The product; its lock is held.</param>
/// <param name="trustStore">The trust state on disk.</param>
/// <param name="clock">Dates the record.</param>
internal sealed class SwitchStep(LocalProduct product, TrustStore trustStore, TimeProvider clock)
{
    /// <summary>Tells whether a release is current already.</summary>
    /// <param name="state">The record of what is installed.</param>
    /// <param name="release">The release.</param>
    public bool IsCurrent(ProductState state, WantedRelease release) =>
        state.Current == release.Digest && state.CurrentRelease is { } current
        && product.Activation.IsCurrent(current) && product.Destination.Holds(current);

    /// <summary>Makes a release current that was sealed by this run.</summary>
    /// <param name="goal">The goal of the run.</param>
    /// <param name="state">The record of what is installed.</param>
    /// <param name="accepted">The release.</param>
    public Task RunAsync(RunGoal goal, ProductState state, AcceptedUpdate accepted)
    {
        var release = ReleaseOf(accepted.Release);
        product.Switch.Adopt(state, goal.Operation, release);
        return AcceptCounterAsync(goal, accepted, release);
    }

    /// <summary>Makes a release current that is installed already, if it is undamaged.</summary>
    /// <param name="goal">The goal of the run.</param>
    /// <param name="state">The record of what is installed.</param>
    /// <param name="accepted">The release.</param>
    /// <returns>False when it must be built first.</returns>
    /// <exception cref="ChunkOtaException"><c>VERSION_TAKEN</c>: something else bears its name.</exception>
    public async Task<bool> TryRunInstalledAsync(RunGoal goal, ProductState state, AcceptedUpdate accepted)
    {
        var (manifest, destination) = (accepted.Manifest, product.Destination);
        if (!destination.IsTaken(manifest.Head.Version))
            return false;
        var installed = state.Find(manifest.Digest);
        if (destination.Check(manifest.Head.Version, accepted.Release).Count > 0)
        {
            if (installed is null)
            {
                throw new ChunkOtaException(
                    ErrorCodes.VersionTaken,
                    $"{destination.PathOf(manifest.Head.Version)} is not {goal.Product} {manifest.Head.Version}: "
                    + "move it away and run again");
            }
            Reopen(state, installed);
            return false;
        }
        // A release that the record does not know (the record was lost) is as good as its content.
        product.Manifests.Save(manifest.Digest, manifest.Envelope);
        var release = installed ?? ReleaseOf(accepted.Release);
        product.Switch.Activate(state, goal.Operation, release);
        await AcceptCounterAsync(goal, accepted, release).ConfigureAwait(false);
        return true;
    }

    private void Reopen(ProductState state, InstalledRelease damaged)
    {
        if (state.Previous == damaged.ManifestDigest)
            product.Activation.Confirm(previous: null);
        product.Destination.Reopen(damaged);
        product.States.Save(state.Without(damaged.ManifestDigest));
    }

    private async Task AcceptCounterAsync(RunGoal goal, AcceptedUpdate accepted, InstalledRelease release) =>
        await trustStore.UpdateAsync(
            goal.Server,
            goal.Product,
            trust => (trust ?? accepted.Trust) with
            {
                AcceptedCounter = Math.Max(accepted.Trust.AcceptedCounter, release.Counter),
                MinimumCounter = Math.Max(accepted.Trust.MinimumCounter, accepted.Release.Manifest.Floor),
            },
            CancellationToken.None).ConfigureAwait(false);

    private InstalledRelease ReleaseOf(WantedRelease release) => new(
        release.Manifest.Version, release.Digest, release.Manifest.Counter, clock.GetUtcNow().ToUnixTimeSeconds());
}
