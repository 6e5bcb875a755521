using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>One product on this device: its folder, and the parts that work on it, joined once.</summary>
/// <param name="home">The product's folder.</param>
/// <param name="clock">Dates the records.</param>
internal sealed class LocalProduct(ProductHome home, TimeProvider clock)
{
    private readonly SymlinkActivation _activation = new(home);

    /// <summary>The product's folder.</summary>
    public ProductHome Home => home;

    /// <summary>The record of what is installed.</summary>
    public StateStore States { get; } = new(home);

    /// <summary>Manifests and recipes.</summary>
    public ManifestStore Manifests { get; } = new(home);

    /// <summary>Deltas that are being downloaded.</summary>
    public DeltaFiles Deltas { get; } = new(home);

    /// <summary>The installed releases, and those being written.</summary>
    public IInstallDestination Destination { get; } = new TreeDestination(home);

    /// <summary>Decides which release runs.</summary>
    public IActivation Activation => _activation;

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
