using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>What is known of an installed product, all of it from this disk.</summary>
public sealed record ProductFacts
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel it follows.</summary>
    public required string Channel { get; init; }

    /// <summary>The server it follows.</summary>
    public required string Server { get; init; }

    /// <summary>The release that is current; null when none is.</summary>
    public InstalledRelease? Current { get; init; }

    /// <summary>The release that <c>revert</c> goes to; null when there is none.</summary>
    public InstalledRelease? Previous { get; init; }

    /// <summary>All installed releases, the latest installed first.</summary>
    public IReadOnlyList<InstalledRelease> Releases { get; init; } = [];

    /// <summary>Where the current release lies.</summary>
    public string? Path { get; init; }

    /// <summary>Until when the channel pointer seen last is good, Unix seconds; null when none was seen.</summary>
    public long? PointerExpiresUnixSeconds { get; init; }

    /// <summary>Whether that time has passed: no update can be made until the publisher renews it.</summary>
    public bool IsStale { get; init; }

    /// <summary>Whether a run was interrupted; the next one finishes or undoes it.</summary>
    public bool IsInterrupted { get; init; }
}

/// <summary>What can be done with installed products without a server.</summary>
/// <param name="options">How to work.</param>
/// <param name="clock">The clock; the system's when null.</param>
public sealed class InstalledProducts(AgentOptions options, TimeProvider? clock = null)
{
    private readonly TimeProvider _time = clock ?? TimeProvider.System;
    private readonly AgentHome _home = new(options.Home);
    private readonly SymlinkActivation _activation = new();

    /// <summary>The installed products, sorted by name.</summary>
    public IReadOnlyList<ProductFacts> List() =>
        [.. _home.Products().Select(name => FactsOf(name)).Where(facts => facts.Current is not null)];

    /// <summary>What is known of one product.</summary>
    /// <param name="product">Its name.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>.</exception>
    public ProductFacts Get(string product)
    {
        new StateStore(_home.Of(product)).Get(product);
        return FactsOf(product);
    }

    /// <summary>Makes the release before the current one again; the two change places.</summary>
    /// <remarks>The counter that was accepted stays: the server cannot use a revert to go further back.</remarks>
    /// <param name="product">The product.</param>
    /// <returns>The release that is current now.</returns>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>NOTHING_TO_REVERT</c>, <c>NOT_AS_INSTALLED</c>: the
    /// older tree is damaged, <c>ROLLBACK</c>: it is below the floor its publisher has set, <c>REVOKED</c>.</exception>
    public InstalledRelease Revert(string product, CancellationToken cancellationToken = default)
    {
        var home = _home.Of(product);
        var states = new StateStore(home);
        states.Get(product);
        using var held = home.Lock();
        var changes = new ReleaseSwitch(home, states, _activation, _time);
        var state = changes.Recover(states.Get(product));
        var previous = state.PreviousRelease
            ?? throw new ChunkOtaException(ErrorCodes.NothingToRevert, $"{product} has no release to go back to");
        RequireAllowed(state, previous);
        var damage = Check(home, previous, cancellationToken);
        if (damage.Count > 0)
        {
            throw new ChunkOtaException(
                ErrorCodes.NotAsInstalled,
                $"{product} {previous.Version} is damaged ({damage[0].Path}: {damage[0].What}): it is not gone back to");
        }
        changes.Run(state, "revert", previous, null);
        return previous;
    }

    /// <summary>Compares the current release with its manifest, byte by byte.</summary>
    /// <param name="product">The product.</param>
    /// <returns>What is wrong; empty when nothing is.</returns>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>.</exception>
    public IReadOnlyList<TreeDamage> Verify(string product, CancellationToken cancellationToken = default)
    {
        var home = _home.Of(product);
        new StateStore(home).Get(product);
        using var held = home.Lock();
        var state = new StateStore(home).Get(product);
        var linked = _activation.FindCurrent(home);
        // A switch that was interrupted may have flipped already: then that is what runs.
        var current = state.Pending is { } pending && pending.To.Version == linked ? pending.To : state.CurrentRelease;
        if (current is null)
            throw new ChunkOtaException(ErrorCodes.NotInstalled, $"{product} is not installed");
        return linked == current.Version
            ? Check(home, current, cancellationToken)
            : [new TreeDamage("current", $"does not lead to {ProductHome.ReleasesName}/{current.Version}")];
    }

    /// <summary>Removes what is not needed any more.</summary>
    /// <param name="product">The product.</param>
    /// <param name="keep">How many releases stay; the current one and the one before always do.</param>
    /// <param name="isDryRun">Only say what would be removed.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>.</exception>
    public PrunePlan Prune(string product, int keep, bool isDryRun)
    {
        var home = _home.Of(product);
        var states = new StateStore(home);
        states.Get(product);
        using var held = home.Lock();
        new ReleaseSwitch(home, states, _activation, _time).Recover(states.Get(product));
        return new Pruner(home, states).Run(keep, isDryRun);
    }

    private ProductFacts FactsOf(string product)
    {
        var home = _home.Of(product);
        var state = new StateStore(home).Find()
            ?? throw new ChunkOtaException(ErrorCodes.NotInstalled, $"{product} is not installed");
        var pointer = FindPointer(state);
        var expires = pointer?.ExpiresUnixSeconds;
        return new ProductFacts
        {
            Product = state.Product,
            Platform = state.Platform,
            Channel = state.Channel,
            Server = state.Server,
            Current = state.CurrentRelease,
            Previous = state.PreviousRelease,
            Releases = state.Releases,
            Path = state.CurrentRelease is { } current ? home.ReleaseOf(current.Version) : null,
            PointerExpiresUnixSeconds = expires,
            IsStale = expires < _time.GetUtcNow().ToUnixTimeSeconds(),
            IsInterrupted = state.Pending is not null,
        };
    }

    private ChannelPointer? FindPointer(ProductState state) =>
        new TrustStore(_home, _time).Load().Find(state.Server, state.Product)
            ?.Find(state.Channel, state.Platform) is { } held
            ? ChannelPointer.Parser.ParseFrom(Envelope.Parser.ParseFrom(held.Pointer).Payload)
            : null;

    private void RequireAllowed(ProductState state, InstalledRelease release)
    {
        if (FindPointer(state)?.Revoked.Contains(release.ManifestDigest.ToByteString()) == true)
            throw new ChunkOtaException(ErrorCodes.Revoked, $"{state.Product} {release.Version} was withdrawn");
        var floor = new TrustStore(_home, _time).Load().Find(state.Server, state.Product)?.MinimumCounter ?? 0;
        if (release.Counter < floor)
        {
            throw new ChunkOtaException(
                ErrorCodes.Rollback,
                $"{state.Product} {release.Version} (counter {release.Counter}) is below the floor {floor} of its publisher");
        }
    }

    private static IReadOnlyList<TreeDamage> Check(
        ProductHome home, InstalledRelease release, CancellationToken cancellationToken)
    {
        if (new ManifestStore(home).FindContents(release.ManifestDigest) is not { } contents)
            return [new TreeDamage($"manifests/{release.ManifestDigest}.manifest", "missing")];
        using var tree = TreeFiles.TryOpenTree(home.ReleaseOf(release.Version));
        if (tree is null)
            return [new TreeDamage($"{ProductHome.ReleasesName}/{release.Version}", "missing")];
        using var hash = new FileHash();
        return TreeCheck.Run(tree, contents, hash, cancellationToken);
    }
}
