
namespace ChunkOta.Agent;

/// <summary>Makes an installed or freshly sealed release the current one, so that a crash at any step leaves the old
/// release or the new one, and <see cref="Recover"/> knows which.</summary>
/// <remarks>
/// The order is the promise: record what is about to happen; name the release; flip; record that it happened. What
/// <see cref="IActivation.IsCurrent"/> says is what happened. The health gate will stand between flip and record: the
/// pending record is its trial record. The product's lock is held.
/// </remarks>
/// <param name="store">The record on disk.</param>
/// <param name="destination">The releases.</param>
/// <param name="activation">The flip.</param>
/// <param name="clock">Dates the records.</param>
internal sealed class ReleaseSwitch(
    StateStore store, IInstallDestination destination, IActivation activation, TimeProvider clock)
{
    /// <summary>Makes a sealed release current: it gets its name first.</summary>
    /// <param name="state">The record as it is.</param>
    /// <param name="operation">The operation, for the record.</param>
    /// <param name="to">The release.</param>
    /// <returns>The new record.</returns>
    /// <exception cref="ChunkOtaException"><c>VERSION_TAKEN</c>.</exception>
    public ProductState Adopt(ProductState state, string operation, InstalledRelease to)
    {
        state = Begin(state, operation, to);
        if (!destination.TryAdopt(to))
        {
            store.Save(state with { Pending = null });
            throw new ChunkOtaException(
                ErrorCodes.VersionTaken,
                $"{destination.PathOf(to.Version)} appeared during the run: move it away and run again");
        }
        activation.Try(to);
        return Commit(state);
    }

    /// <summary>Makes a release current that is installed already.</summary>
    /// <param name="state">The record as it is.</param>
    /// <param name="operation">The operation, for the record.</param>
    /// <param name="to">The release.</param>
    /// <returns>The new record.</returns>
    public ProductState Activate(ProductState state, string operation, InstalledRelease to)
    {
        state = Begin(state, operation, to);
        activation.Try(to);
        return Commit(state);
    }

    /// <summary>Makes the release before current again; the two change roles.</summary>
    /// <param name="state">The record as it is.</param>
    /// <param name="to">The release.</param>
    /// <returns>The new record.</returns>
    public ProductState Revert(ProductState state, InstalledRelease to)
    {
        state = Begin(state, "revert", to);
        activation.Revert(to);
        return Commit(state);
    }

    /// <summary>Finishes or forgets what a crash interrupted, by what is current.</summary>
    /// <param name="state">The record as it was left.</param>
    /// <returns>The new record.</returns>
    public ProductState Recover(ProductState state)
    {
        if (state.Pending is not { } pending)
            return DropVanished(state);
        if (activation.IsCurrent(pending.To))
            return Commit(state);
        // Not flipped. The release may have its name already: it is complete then, and the next run need not fetch it.
        state = state with { Pending = null };
        if (destination.Holds(pending.To))
            state = state.With(pending.To);
        return DropVanished(store.Save(state));
    }

    private ProductState Begin(ProductState state, string operation, InstalledRelease to) => store.Save(state with
    {
        Pending = new PendingSwitch(operation, state.Current, to, clock.GetUtcNow().ToUnixTimeSeconds(), 1),
    });

    private ProductState Commit(ProductState state)
    {
        var pending = state.Pending ?? throw new InvalidOperationException("There is nothing to commit.");
        var previous = pending.From == pending.To.ManifestDigest ? state.Previous : pending.From;
        state = state.With(pending.To) with
        {
            Current = pending.To.ManifestDigest,
            Previous = previous,
            Pending = null,
            IsReportDue = true,
        };
        activation.Confirm(state.PreviousRelease);
        return store.Save(state);
    }

    /// <summary>A prune that was interrupted had taken the release's name away before it changed the record.</summary>
    private ProductState DropVanished(ProductState state)
    {
        var there = state.Releases
            .Where(release => release.ManifestDigest == state.Current || destination.Holds(release))
            .ToList();
        if (there.Count == state.Releases.Count)
            return state;
        var isPreviousThere = there.Any(release => release.ManifestDigest == state.Previous);
        return store.Save(state with { Releases = there, Previous = isPreviousThere ? state.Previous : null });
    }
}
