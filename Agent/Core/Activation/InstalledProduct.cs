using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The operations on an installed product that need no server.</summary>
/// <param name="product">The product.</param>
/// <param name="trustStore">The trust state on disk.</param>
internal sealed class InstalledProduct(LocalProduct product, TrustStore trustStore)
{
    /// <summary>Finds the newest channel pointer that was accepted; null for none.</summary>
    /// <param name="state">The record of what is installed.</param>
    public ChannelPointer? FindPointer(ProductState state) =>
        FindTrust(state)?.Find(state.Channel, state.Platform) is { } held
            ? ChannelPointer.Parser.ParseFrom(Envelope.Parser.ParseFrom(held.Pointer).Payload)
            : null;

    /// <summary>Makes the release before current again; the two change roles.</summary>
    /// <param name="name">The product's name, for messages.</param>
    /// <returns>The release that is current now.</returns>
    /// <exception cref="ChunkOtaException">See <see cref="RequireAllowed"/>; <c>NOTHING_TO_REVERT</c>;
    /// <c>NOT_AS_INSTALLED</c>: the older release is damaged.</exception>
    public InstalledRelease Revert(string name, CancellationToken cancellationToken)
    {
        product.States.Get(name);
        using var held = product.Home.Lock();
        var state = product.Switch.Recover(product.States.Get(name));
        var previous = state.PreviousRelease
            ?? throw new ChunkOtaException(ErrorCodes.NothingToRevert, $"{name} has no release to go back to");
        RequireAllowed(state, previous);
        if (Check(previous, cancellationToken) is [var damage, ..])
        {
            throw new ChunkOtaException(
                ErrorCodes.NotAsInstalled,
                $"{name} {previous.Version} is damaged and cannot be reverted to: {damage.Path}: {damage.What}");
        }
        product.Switch.Revert(state, previous);
        return previous;
    }

    /// <summary>Compares the current release with its manifest, byte by byte.</summary>
    /// <param name="name">The product's name, for messages.</param>
    /// <returns>The differences; empty when there are none.</returns>
    public IReadOnlyList<TreeDamage> Verify(string name, CancellationToken cancellationToken)
    {
        product.States.Get(name);
        using var held = product.Home.Lock();
        var state = product.States.Get(name);
        // A switch that was interrupted may have flipped already: then that is what runs.
        var current = state.Pending is { } pending && product.Activation.IsCurrent(pending.To)
            ? pending.To
            : state.CurrentRelease
                ?? throw new ChunkOtaException(ErrorCodes.NotInstalled, $"{name} is not installed");
        return product.Activation.IsCurrent(current)
            ? Check(current, cancellationToken)
            : [new TreeDamage("current", $"does not lead to {ProductHome.ReleasesName}/{current.Version}")];
    }

    /// <summary>Removes what is not needed any more.</summary>
    /// <param name="name">The product's name, for messages.</param>
    /// <param name="keep">How many releases stay; the current one and the one before always do.</param>
    /// <param name="isDryRun">Plan, and remove nothing.</param>
    public PrunePlan Prune(string name, int keep, bool isDryRun)
    {
        product.States.Get(name);
        using var held = product.Home.Lock();
        product.Switch.Recover(product.States.Get(name));
        return new Pruner(product).Run(keep, isDryRun);
    }

    private TrustRecord? FindTrust(ProductState state) => trustStore.Load().Find(state.Server, state.Product);

    /// <summary>Refuses a release that its publisher has withdrawn, or that is below the publisher's floor.</summary>
    /// <exception cref="ChunkOtaException"><c>REVOKED</c>, <c>ROLLBACK</c>.</exception>
    private void RequireAllowed(ProductState state, InstalledRelease release)
    {
        if (FindPointer(state)?.Revoked.Contains(release.ManifestDigest.ToByteString()) == true)
            throw new ChunkOtaException(ErrorCodes.Revoked, $"{state.Product} {release.Version} was withdrawn");
        var floor = FindTrust(state)?.MinimumCounter ?? 0;
        if (release.Counter < floor)
        {
            throw new ChunkOtaException(
                ErrorCodes.Rollback,
                $"{state.Product} {release.Version} (counter {release.Counter}) is below the floor {floor} that its "
                + "publisher has set");
        }
    }

    private IReadOnlyList<TreeDamage> Check(InstalledRelease release, CancellationToken cancellationToken) =>
        product.Manifests.FindContents(release.ManifestDigest) is { } contents
            ? product.Destination.Check(release.Version, contents, cancellationToken)
            : [new TreeDamage($"manifests/{release.ManifestDigest}.manifest", "missing")];
}
