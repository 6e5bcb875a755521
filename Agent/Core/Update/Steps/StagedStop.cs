namespace ChunkOta.Agent;

/// <summary>The stop of a run before the switch, and the record of the release that waits there.</summary>
/// <param name="product">The product; its lock is held.</param>
/// <param name="goal">The goal of the run.</param>
/// <param name="clock">The clock.</param>
internal sealed class StagedStop(LocalProduct product, RunGoal goal, TimeProvider clock)
{
    /// <summary>Tells whether this run must not make the release current.</summary>
    /// <param name="state">The record of what is installed.</param>
    /// <param name="accepted">The release.</param>
    public bool Applies(ProductState state, AcceptedUpdate accepted) =>
        goal is { StopBeforeSwitch: { } stop, IsDryRun: false } && state.CurrentRelease is not null
        && FindStaged(state, accepted)?.IsStopped(stop.Deadline, NowOf(accepted)) != false;

    /// <summary>Tells whether the release is complete on this disk, by the record of the run that completed
    /// it.</summary>
    /// <param name="state">The record of what is installed.</param>
    /// <param name="accepted">The release.</param>
    public bool IsReady(ProductState state, AcceptedUpdate accepted)
    {
        var digest = accepted.Release.Digest;
        return state.Find(digest) is { } installed
            ? product.Destination.Holds(installed)
            : FindStaged(state, accepted) is not null && product.Destination.HoldsStaged(digest);
    }

    /// <summary>Records that the release is complete and waits; an answer that was given stays.</summary>
    /// <param name="state">The record of what is installed.</param>
    /// <param name="accepted">The release.</param>
    public void Record(ProductState state, AcceptedUpdate accepted)
    {
        if (FindStaged(state, accepted) is not null)
            return;
        var (version, since) = (accepted.Release.Manifest.Version, NowOf(accepted).ToUnixTimeSeconds());
        product.States.Save(state with { Staged = new StagedRelease(version, accepted.Release.Digest, since) });
    }

    private static StagedRelease? FindStaged(ProductState state, AcceptedUpdate accepted) =>
        state.Staged is { } staged && staged.ManifestDigest == accepted.Release.Digest ? staged : null;

    /// <summary>The time; a clock that starts in 1970 does not make a deadline pass when it is set.</summary>
    private DateTimeOffset NowOf(AcceptedUpdate accepted) => new DeviceTime(
        clock.GetUtcNow(),
        DateTimeOffset.FromUnixTimeSeconds(accepted.Trust.TimeFloorUnixSeconds),
        goal.BuildTime).Now;
}
