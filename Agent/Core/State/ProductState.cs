using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>A switch that has begun: a run after a crash must finish or undo it.</summary>
/// <param name="Operation">The operation that began it.</param>
/// <param name="From">The manifest digest of the release that was current; null when none was.</param>
/// <param name="To">The release to make current.</param>
/// <param name="StartedUnixSeconds">The moment it began by the device's clock, Unix seconds.</param>
/// <param name="Trial">The trial that the release begins; null when it is kept at once.</param>
/// <param name="Rejected">The release that failed, when this switch goes back from it; else null.</param>
internal sealed record PendingSwitch(
    string Operation,
    Digest? From,
    InstalledRelease To,
    long StartedUnixSeconds,
    Trial? Trial = null,
    RejectedRelease? Rejected = null);

/// <summary>An answer of the server that the device refused.</summary>
/// <param name="Code">The error code.</param>
/// <param name="Text">The message.</param>
internal sealed record RefusedAnswer(string Code, string Text);

/// <summary>The agent's record of one product: what is installed, and what is current.</summary>
/// <remarks>
/// Kept in <c>state.a</c> and <c>state.b</c> (<see cref="Durable.TwoGenerationFile"/>). The link <c>current</c> decides
/// what is current; after a crash the record follows it.
/// </remarks>
internal sealed record ProductState
{
    /// <summary>The number of rejected releases that are remembered.</summary>
    public const int MaxRejected = 16;

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

    /// <summary>True when the server does not know the outcome of a run yet.</summary>
    public bool IsReportDue { get; init; }

    /// <summary>Why the server's last answer was refused; null when it was accepted.</summary>
    public RefusedAnswer? Refused { get; init; }

    /// <summary>A switch that has begun and is not committed.</summary>
    public PendingSwitch? Pending { get; init; }

    /// <summary>The trial of the current release; null when it is kept.</summary>
    public Trial? Trial { get; init; }

    /// <summary>The releases that are not installed again by themselves, the latest first; at most
    /// <see cref="MaxRejected"/>.</summary>
    public IReadOnlyList<RejectedRelease> Rejected { get; init => field = value ?? []; } = [];

    /// <summary>The release that is complete and waits to become current; null for none.</summary>
    public StagedRelease? Staged { get; init; }

    /// <summary>Since when a person holds the product at its release, Unix seconds; null when nobody does.</summary>
    public long? HeldSinceUnixSeconds { get; init; }

    /// <summary>The release that is current.</summary>
    public InstalledRelease? CurrentRelease => Find(Current);

    /// <summary>True when upgrades follow the product: a release is current, or the first one was left for what ran
    /// before it.</summary>
    public bool IsFollowed => Current is not null || Rejected.Count > 0;

    /// <summary>The release that <c>revert</c> goes to.</summary>
    public InstalledRelease? PreviousRelease => Find(Previous);

    /// <summary>Finds an installed release by its manifest.</summary>
    /// <param name="manifestDigest">The manifest's digest; null finds nothing.</param>
    public InstalledRelease? Find(Digest? manifestDigest) =>
        manifestDigest is { } digest ? Releases.FirstOrDefault(r => r.ManifestDigest == digest) : null;

    /// <summary>Lists all releases: the current one, the one before it, then the others, newest first.</summary>
    internal List<InstalledRelease> ReleasesByUse()
    {
        List<InstalledRelease> all = [.. Releases];
        all.Sort((one, other) => (Rank(other), other.Counter).CompareTo((Rank(one), one.Counter)));
        return all;

        int Rank(InstalledRelease release) =>
            release.ManifestDigest == Current ? 2 : release.ManifestDigest == Previous ? 1 : 0;
    }

    /// <summary>Finds out why a release is not installed again by itself; null when it may be.</summary>
    /// <param name="manifestDigest">The manifest's digest.</param>
    public RejectedRelease? FindRejected(Digest manifestDigest) =>
        Rejected.FirstOrDefault(rejected => rejected.ManifestDigest == manifestDigest);

    /// <summary>Returns the record with one more rejected release.</summary>
    /// <param name="rejected">The release.</param>
    public ProductState WithRejected(RejectedRelease rejected) => this with
    {
        Rejected =
        [
            rejected,
            .. Rejected.Where(r => r.ManifestDigest != rejected.ManifestDigest).Take(MaxRejected - 1),
        ],
    };

    /// <summary>Returns the record without the rejection of a release.</summary>
    /// <param name="manifestDigest">The release.</param>
    public ProductState WithoutRejected(Digest manifestDigest) =>
        this with { Rejected = [.. Rejected.Where(rejected => rejected.ManifestDigest != manifestDigest)] };

    /// <summary>Returns the record with one more release, which replaces one of the same version.</summary>
    /// <param name="release">The release.</param>
    public ProductState With(InstalledRelease release) =>
        this with { Releases = [release, .. Releases.Where(r => r.Version != release.Version)] };

    /// <summary>Returns the record without a release, which is then neither current nor previous.</summary>
    /// <param name="manifestDigest">The release.</param>
    public ProductState Without(Digest manifestDigest) => this with
    {
        Releases = [.. Releases.Where(release => release.ManifestDigest != manifestDigest)],
        Current = Current == manifestDigest ? null : Current,
        Previous = Previous == manifestDigest ? null : Previous,
    };
}
