using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>Makes an installed or freshly sealed release the current one, so that a crash at any step leaves the old
/// release or the new one, and <see cref="Recover"/> knows which.</summary>
/// <remarks>
/// The order is the promise: record what is about to happen; name the release; flip; record that it happened. What
/// <see cref="IActivation.IsCurrent"/> says is what happened: nothing after the flip makes the switch fail. A record
/// that cannot be written then is a warning, and the next run writes it. The product's lock is held.
/// </remarks>
/// <param name="store">The record on disk.</param>
/// <param name="destination">The releases.</param>
/// <param name="activation">The flip.</param>
/// <param name="clock">Dates the records.</param>
/// <param name="warnings">Gets the failures that change nothing about the outcome.</param>
internal sealed class ReleaseSwitch(
    StateStore store,
    IInstallDestination destination,
    IActivation activation,
    TimeProvider clock,
    ICollection<ChunkOtaException> warnings)
{
    /// <summary>Makes a sealed release current: it gets its name first.</summary>
    /// <param name="state">The record as it is.</param>
    /// <param name="order">What to make current.</param>
    /// <returns>The new record.</returns>
    /// <exception cref="ChunkOtaException"><c>VERSION_TAKEN</c>.</exception>
    public ProductState Adopt(ProductState state, SwitchOrder order)
    {
        state = Begin(state, order);
        if (!destination.TryAdopt(order.To))
        {
            store.Save(state with { Pending = null });
            throw new ChunkOtaException(
                ErrorCodes.VersionTaken,
                $"{destination.PathOf(order.To.Version)} appeared during the run: move it away and run again");
        }
        Flip(() => activation.Try(order.To), order.To);
        return Commit(state);
    }

    /// <summary>Makes a release current that is installed already.</summary>
    /// <param name="state">The record as it is.</param>
    /// <param name="order">What to make current.</param>
    /// <returns>The new record.</returns>
    public ProductState Activate(ProductState state, SwitchOrder order)
    {
        state = Begin(state, order);
        Flip(() => activation.Try(order.To), order.To);
        return Commit(state);
    }

    /// <summary>Makes a release that ran before current again; the one that it replaces is rejected.</summary>
    /// <param name="state">The record as it is.</param>
    /// <param name="to">The release.</param>
    /// <param name="cause">Why the current release is rejected; null when a person has decided so.</param>
    /// <returns>The new record.</returns>
    public ProductState GoBack(ProductState state, InstalledRelease to, string? cause)
    {
        var rejected = state.CurrentRelease is { } current
            ? new RejectedRelease(current.Version, current.ManifestDigest, clock.GetUtcNow().ToUnixTimeSeconds(), cause)
            : null;
        state = Begin(state, new SwitchOrder(cause is null ? "revert" : "rollback", to, null), rejected);
        Flip(() => activation.Revert(to), to);
        return Commit(state);
    }

    /// <summary>Leaves a release on trial for what ran before the first release of this agent.</summary>
    /// <param name="state">The record as it is.</param>
    /// <param name="cause">Why the current release is rejected.</param>
    /// <returns>The new record; null when nothing ran before.</returns>
    public ProductState? TryLeave(ProductState state, string cause)
    {
        if (state.CurrentRelease is not { } failed || !activation.TryLeave(failed))
            return null;
        var rejected = new RejectedRelease(
            failed.Version, failed.ManifestDigest, clock.GetUtcNow().ToUnixTimeSeconds(), cause);
        return store.Save(state.WithRejected(rejected) with { Current = null, Trial = null, IsReportDue = true });
    }

    /// <summary>Keeps the current release: its trial is over.</summary>
    /// <param name="state">The record as it is.</param>
    /// <returns>The new record.</returns>
    public ProductState Keep(ProductState state) =>
        AfterSwitch(state with { Trial = null }, kept => activation.Confirm(kept.PreviousRelease));

    /// <summary>Finishes or forgets what a crash interrupted, by what is current.</summary>
    /// <param name="state">The record as it was left.</param>
    /// <returns>The new record.</returns>
    public ProductState Recover(ProductState state)
    {
        if (state.Pending is not { } pending)
            return Follow(DropVanished(state));
        // Going back from a release that does not work is finished, not forgotten; what a person asked for and was told
        // has failed does not happen later.
        if (pending.Rejected is { Cause: not null }
            && !activation.IsCurrent(pending.To) && destination.Holds(pending.To))
            activation.Revert(pending.To);
        if (activation.IsCurrent(pending.To))
            return Commit(state);
        // Not flipped. The release may have its name already: it is complete then, and the next run need not fetch it.
        state = state with { Pending = null };
        if (destination.Holds(pending.To))
            state = state.With(pending.To);
        return DropVanished(store.Save(state));
    }

    /// <summary>Flips. What fails once the release is current does not undo that: after a power cut, the record tells
    /// the next run which of the two it should be.</summary>
    private void Flip(Action flip, InstalledRelease to)
    {
        try
        {
            flip();
        }
        catch (ChunkOtaException e) when (IsCurrent(to))
        {
            warnings.Add(e);
        }
    }

    private bool IsCurrent(InstalledRelease release)
    {
        try
        {
            return activation.IsCurrent(release);
        }
        catch (ChunkOtaException)
        {
            return false;
        }
    }

    /// <summary>Returns the record as <c>current</c> says, where a person has pointed it at another installed release:
    /// that is a decision like a revert.</summary>
    /// <param name="state">The record; it is not written.</param>
    public ProductState Observe(ProductState state)
    {
        if (state.Pending is not null
            || activation.NeedsRestart
            || state.CurrentRelease is not { } recorded
            || activation.IsCurrent(recorded)
            || state.Releases.FirstOrDefault(activation.IsCurrent) is not { } current)
            return state;
        state = state.WithoutRejected(current.ManifestDigest) with
        {
            Current = current.ManifestDigest,
            Previous = recorded.ManifestDigest,
            Trial = null,
            IsReportDue = true,
        };
        return current.Counter > recorded.Counter
            ? state
            : state.WithRejected(new RejectedRelease(
                recorded.Version, recorded.ManifestDigest, clock.GetUtcNow().ToUnixTimeSeconds(), Cause: null));
    }

    private ProductState Follow(ProductState state)
    {
        var observed = Observe(state);
        return observed == state
            ? state
            : AfterSwitch(observed, followed => activation.Confirm(followed.PreviousRelease));
    }

    private ProductState Begin(ProductState state, SwitchOrder order, RejectedRelease? rejected = null) =>
        store.Save(state with
        {
            Pending = new PendingSwitch(
                order.Operation,
                state.Current,
                order.To,
                clock.GetUtcNow().ToUnixTimeSeconds(),
                order.Trial,
                rejected),
        });

    private ProductState Commit(ProductState state)
    {
        var pending = state.Pending ?? throw new InvalidOperationException("There is nothing to commit.");
        state = state.With(pending.To) with
        {
            Current = pending.To.ManifestDigest,
            Previous = PreviousAfter(state, pending),
            Pending = null,
            Staged = null,
            Trial = pending.Trial,
            IsReportDue = true,
        };
        // To go back from a release that failed proves nothing of the one before.
        if (pending.Rejected is not { Cause: not null })
            state = state.WithoutRejected(pending.To.ManifestDigest);
        if (pending.Rejected is { } rejected)
            state = state.WithRejected(rejected);
        return pending.Trial is null ? Keep(state) : AfterSwitch(state, _ => { });
    }

    /// <summary>Returns what is left to go back to. After a trial that failed that is what it was before, not the
    /// release that failed.</summary>
    private static Digest? PreviousAfter(ProductState state, PendingSwitch pending) =>
        pending.Rejected is not null && state.Trial is { } failed ? failed.PreviousOfFrom
        : pending.From == pending.To.ManifestDigest ? state.Previous
        : pending.From;

    private ProductState AfterSwitch(ProductState state, Action<ProductState> confirm)
    {
        try
        {
            confirm(state);
            return store.Save(state);
        }
        catch (ChunkOtaException e)
        {
            warnings.Add(e);
            return state;
        }
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
