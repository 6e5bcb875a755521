using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Makes an installed or freshly staged release the current one, so that a crash at any step leaves the old
/// release or the new one, and <see cref="Recover"/> knows which.</summary>
/// <remarks>
/// The order is the promise: record what is about to happen; name the tree; flip; record that it happened. What the
/// link <c>current</c> says is what happened. The health gate will stand between flip and record: the pending record
/// is its trial record.
/// </remarks>
/// <param name="home">The product's place; its lock is held.</param>
/// <param name="store">The record on disk.</param>
/// <param name="activation">The flip.</param>
/// <param name="clock">Dates the records.</param>
internal sealed class ReleaseSwitch(ProductHome home, StateStore store, IActivation activation, TimeProvider clock)
{
    /// <summary>Makes a release current.</summary>
    /// <param name="state">The record as it is.</param>
    /// <param name="operation">What is being done, for the record.</param>
    /// <param name="to">The release.</param>
    /// <param name="staged">Its tree, sealed, still under staging; null when it has its name already.</param>
    /// <returns>The record as it is then.</returns>
    public ProductState Run(ProductState state, string operation, InstalledRelease to, string? staged)
    {
        var pending = new PendingSwitch(operation, state.Current, to, clock.GetUtcNow().ToUnixTimeSeconds(), 1);
        state = store.Save(state with { Pending = pending });
        if (staged is not null && !TryName(staged, to))
        {
            store.Save(state with { Pending = null });
            throw new ChunkOtaException(
                ErrorCodes.VersionTaken,
                $"{home.ReleaseOf(to.Version)} appeared while it was being made: move it away and run again");
        }
        activation.SetCurrent(home, to.Version);
        return Commit(state);
    }

    /// <summary>Finishes or forgets what a crash interrupted, by what <c>current</c> says.</summary>
    /// <param name="state">The record as it was left.</param>
    /// <returns>The record as it is then.</returns>
    public ProductState Recover(ProductState state)
    {
        if (state.Pending is not { } pending)
            return DropVanished(state);
        if (activation.FindCurrent(home) == pending.To.Version)
            return Commit(state);
        // Not flipped. The tree may have its name already: it is complete then, and the next run need not fetch it.
        state = state with { Pending = null };
        if (Fs.FindFacts(home.ReleaseOf(pending.To.Version)) is { Kind: FileKind.Directory })
            state = state.With(pending.To);
        return DropVanished(store.Save(state));
    }

    private bool TryName(string staged, InstalledRelease to)
    {
        if (!Fs.TryRenameNew(staged, home.ReleaseOf(to.Version)))
            return false;
        Fs.SyncDirectory(home.Releases);
        Fs.SyncDirectory(home.Staging);
        return true;
    }

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
        activation.SetPrevious(home, state.PreviousRelease?.Version);
        return store.Save(state);
    }

    /// <summary>A prune that was interrupted had taken the tree's name away before it changed the record.</summary>
    private ProductState DropVanished(ProductState state)
    {
        var there = state.Releases
            .Where(release => release.ManifestDigest == state.Current
                || Fs.FindFacts(home.ReleaseOf(release.Version)) is { Kind: FileKind.Directory })
            .ToList();
        if (there.Count == state.Releases.Count)
            return state;
        var isPreviousThere = there.Any(release => release.ManifestDigest == state.Previous);
        return store.Save(state with { Releases = there, Previous = isPreviousThere ? state.Previous : null });
    }
}
