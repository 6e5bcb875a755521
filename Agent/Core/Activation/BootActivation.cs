namespace ChunkOta.Agent;

/// <summary>Activation by the boot loader of a machine with two slots: a release on trial is started a few times, and
/// the other slot again if nobody keeps it.</summary>
/// <param name="slots">The slots.</param>
/// <param name="tries">How often a release on trial is started.</param>
internal sealed class BootActivation(SlotPair slots, int tries) : IActivation
{
    private IBootloader Bootloader => slots.Bootloader;

    /// <inheritdoc/>
    public bool NeedsRestart => true;

    /// <inheritdoc/>
    /// <remarks>The slot that is started next decides: it is what a switch changes.</remarks>
    public bool IsCurrent(InstalledRelease release) =>
        slots.Load().Find(release.ManifestDigest) == Bootloader.Read().First;

    /// <inheritdoc/>
    public ReleaseStart FindStart(InstalledRelease release)
    {
        var document = slots.Load();
        // A release that no slot holds is written again: nothing can be said about its start.
        return document.Find(release.ManifestDigest) is not { } slot || slot == Bootloader.FindRunning()
            ? ReleaseStart.Running
            : document.ChosenIn == Bootloader.BootId ? ReleaseStart.Waiting
            : ReleaseStart.Failed;
    }

    /// <inheritdoc/>
    public void Try(InstalledRelease release) =>
        slots.Choose(new BootPlan(SlotOf(release), Math.Min(tries, BootPlan.MaxTries)));

    /// <inheritdoc/>
    public void Confirm(InstalledRelease? previous)
    {
        if (Bootloader.Read() is { Tries: not null } plan)
            slots.Choose(plan with { Tries = null });
    }

    /// <inheritdoc/>
    public void Revert(InstalledRelease release) => slots.Choose(new BootPlan(SlotOf(release), null));

    /// <inheritdoc/>
    public bool TryLeave(InstalledRelease failed)
    {
        slots.Choose(new BootPlan(SlotOf(failed).Other(), null));
        return true;
    }

    private SlotName SlotOf(InstalledRelease release) =>
        slots.Load().Find(release.ManifestDigest) ?? throw new ChunkOtaException(
            ErrorCodes.NotAsInstalled, $"no slot holds {release.Version} any more: run an upgrade");
}
