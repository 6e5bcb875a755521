using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>One product on this device: its folder, and the parts that work on it, joined once.</summary>
/// <param name="home">The product's folder.</param>
/// <param name="clock">Dates the records.</param>
/// <param name="policy">The policy of this device for it; null for none.</param>
internal sealed class LocalProduct(ProductHome home, TimeProvider clock, ProductPolicy? policy = null)
{
    /// <summary>The product's folder.</summary>
    public ProductHome Home => home;

    /// <summary>The record of what is installed.</summary>
    public StateStore States { get; } = new(home);

    /// <summary>Manifests and recipes.</summary>
    public ManifestStore Manifests { get; } = new(home);

    /// <summary>Deltas that are being downloaded.</summary>
    public DeltaFiles Deltas { get; } = new(home);

    /// <summary>The starts of the current release's program during its trial.</summary>
    public LaunchStore Launches { get; } = new(home, clock);

    /// <summary>The two slots of a product that is installed as an image; null for one that is installed as
    /// files.</summary>
    public SlotPair? Slots { get; } = policy?.Slots is { } slots
        ? new SlotPair(home, slots, Bootloaders.Of(slots, home, clock))
        : null;

    /// <summary>The installed releases, and those being written.</summary>
    public IInstallDestination Destination =>
        field ??= Slots is null ? new TreeDestination(home) : new ImageDestination(home, Slots);

    /// <summary>Decides which release runs.</summary>
    public IActivation Activation => field ??= Slots is null
        ? new SymlinkActivation(home)
        : new BootActivation(Slots, policy!.Health.MaxAttempts);

    /// <summary>True when the current release runs only once the machine is restarted.</summary>
    public bool WaitsForRestart => Activation.NeedsRestart
        && States.Find()?.CurrentRelease is { } current
        && Activation.FindStart(current) == ReleaseStart.Waiting;

    /// <summary>Makes another release current.</summary>
    public ReleaseSwitch Switch => new(States, Destination, Activation, clock, Warnings);

    /// <summary>Takes the product's lock for a command of a person, from a run that can wait if need be.</summary>
    /// <exception cref="ChunkOtaException"><c>BUSY</c>.</exception>
    public FileLock LockForPerson(CancellationToken cancellationToken) =>
        CleanUp(LockWish.Acquire(home, clock, cancellationToken));

    /// <summary>Failures that did not change the outcome: what is current is right, but something around it is
    /// not.</summary>
    public ICollection<ChunkOtaException> Warnings { get; } = [];

    /// <summary>Takes the product's lock, and removes what killed runs left in the way: temporary files, and trees that
    /// they were removing.</summary>
    /// <exception cref="ChunkOtaException"><c>BUSY</c>: another agent works on this product.</exception>
    public FileLock Lock() => CleanUp(home.Lock());

    /// <summary>Returns the record as <c>current</c> says, and what is wrong with it; nothing is written.</summary>
    /// <param name="state">The record.</param>
    public (ProductState State, string? Problem) Observe(ProductState state)
    {
        try
        {
            var observed = Switch.Observe(state);
            return observed.Pending is not null || Activation.NeedsRestart
                || observed.CurrentRelease is not { } current || Activation.IsCurrent(current)
                ? (observed, null)
                : (observed, $"{home.CurrentLink} does not lead to {current.Version}: ota-agent upgrade or "
                    + "ota-agent revert puts it right");
        }
        catch (ChunkOtaException e)
        {
            return (state, e.Message);
        }
    }

    /// <summary>Warns of remains that a later run removes.</summary>
    /// <param name="left">One line for each removed tree of which something stays.</param>
    public void Warn(IEnumerable<string> left)
    {
        foreach (var what in left)
            Warnings.Add(new ChunkOtaException(ErrorCodes.IoError, $"a removed release is not gone: {what}"));
    }

    private FileLock CleanUp(FileLock held)
    {
        try
        {
            TemporaryFile.RemoveLeftovers(home.Root);
            TemporaryFile.RemoveLeftovers(home.Manifests);
            TemporaryFile.RemoveLeftovers(home.Staging);
            Slots?.RemoveLeftovers();
            Warn(Destination.FinishRemovals());
        }
        catch (ChunkOtaException e)
        {
            Warnings.Add(e);
        }
        catch
        {
            held.Dispose();
            throw;
        }
        return held;
    }
}
