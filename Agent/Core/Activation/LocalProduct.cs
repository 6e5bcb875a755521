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

    /// <summary>Makes another release current.</summary>
    public ReleaseSwitch Switch => new(States, Destination, Activation, clock, Warnings);

    /// <summary>Takes the product's lock for a command of a person, from a run that can wait if need be.</summary>
    /// <exception cref="ChunkOtaException"><c>BUSY</c>.</exception>
    public FileLock LockForPerson(CancellationToken cancellationToken) =>
        LockWish.Acquire(home, clock, cancellationToken);

    /// <summary>Failures that did not change the outcome: what is current is right, but something around it is
    /// not.</summary>
    public ICollection<ChunkOtaException> Warnings { get; } = [];
}
