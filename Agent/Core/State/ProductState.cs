using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>A change of <c>current</c> that has begun: what a run after a crash must finish or undo.</summary>
/// <param name="Operation">What began it.</param>
/// <param name="From">The digest of what was current; null when nothing was.</param>
/// <param name="To">What is to be current.</param>
/// <param name="StartedUnixSeconds">When it began, by the device's clock.</param>
/// <param name="Attempts">How many times this change was begun; the health gate counts by it.</param>
internal sealed record PendingSwitch(
    string Operation, Digest? From, InstalledRelease To, long StartedUnixSeconds, int Attempts);

/// <summary>What is installed of one product: the agent's own record beside the trees.</summary>
/// <remarks>
/// Kept in <c>state.a</c> and <c>state.b</c> (<see cref="Durable.TwoGenerationFile"/>). What <c>current</c> points to decides
/// what is current; after a crash the record follows it (<see cref="ReleaseSwitch.Recover"/>).
/// </remarks>
internal sealed record ProductState
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The one platform of this product in this home.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel that upgrades follow.</summary>
    public required string Channel { get; init; }

    /// <summary>The server that upgrades ask.</summary>
    public required string Server { get; init; }

    /// <summary>The digest of the release that <c>current</c> points to.</summary>
    public Digest? Current { get; init; }

    /// <summary>The digest of the release that <c>revert</c> goes to.</summary>
    public Digest? Previous { get; init; }

    /// <summary>Every release under <c>releases/</c>, the latest installed first.</summary>
    public IReadOnlyList<InstalledRelease> Releases { get; init; } = [];

    /// <summary>The server has not been told how things stand: a change of <c>current</c>, or that a run failed.</summary>
    public bool IsReportDue { get; init; }

    /// <summary>A change of <c>current</c> that has begun and is not committed.</summary>
    public PendingSwitch? Pending { get; init; }

    /// <summary>The release that is current.</summary>
    public InstalledRelease? CurrentRelease => Find(Current);

    /// <summary>The release that <c>revert</c> goes to.</summary>
    public InstalledRelease? PreviousRelease => Find(Previous);

    /// <summary>Finds an installed release by its manifest.</summary>
    /// <param name="manifestDigest">The manifest's digest; null finds nothing.</param>
    public InstalledRelease? Find(Digest? manifestDigest) =>
        manifestDigest is { } digest ? Releases.FirstOrDefault(r => r.ManifestDigest == digest) : null;

    /// <summary>All releases: the current one, the one before it, then the others, the newest first.</summary>
    internal List<InstalledRelease> ReleasesByUse()
    {
        List<InstalledRelease> all = [.. Releases];
        all.Sort((one, other) => (Rank(other), other.Counter).CompareTo((Rank(one), one.Counter)));
        return all;

        int Rank(InstalledRelease release) =>
            release.ManifestDigest == Current ? 2 : release.ManifestDigest == Previous ? 1 : 0;
    }

    /// <summary>The record with one more release, which replaces an entry of the same version.</summary>
    /// <param name="release">The release.</param>
    public ProductState With(InstalledRelease release) =>
        this with { Releases = [release, .. Releases.Where(r => r.Version != release.Version)] };

    /// <summary>The record without a release; it is neither current nor previous then.</summary>
    /// <param name="manifestDigest">The release.</param>
    public ProductState Without(Digest manifestDigest) => this with
    {
        Releases = [.. Releases.Where(release => release.ManifestDigest != manifestDigest)],
        Current = Current == manifestDigest ? null : Current,
        Previous = Previous == manifestDigest ? null : Previous,
    };
}
