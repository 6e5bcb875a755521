using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>The releases that are installed for one product, each complete under its own name.</summary>
/// <remarks>Which of them runs is not decided here: that is the activation.</remarks>
internal interface IInstalledReleases
{
    /// <summary>Tells whether anything bears the name of a version, a release or not.</summary>
    bool IsTaken(string version);

    /// <summary>Tells whether a release is still there; its content is not looked at.</summary>
    bool Holds(InstalledRelease release);

    /// <summary>Returns where a version is or would be installed, for people.</summary>
    string PathOf(string version);

    /// <summary>Compares an installed release with its manifest: names, types, modes, link targets, bytes.</summary>
    /// <param name="version">The version.</param>
    /// <param name="release">What it must hold.</param>
    TreeFindings Check(string version, ReleaseContents release, CancellationToken cancellationToken = default);

    /// <summary>As <see cref="Check"/>, reading only what looks as if it had changed since the last check. What others
    /// have added is not looked for.</summary>
    /// <param name="version">The version.</param>
    /// <param name="release">What it must hold.</param>
    TreeFindings CheckQuickly(string version, ReleaseContents release, CancellationToken cancellationToken = default);
}

/// <summary>A destination for new releases: they are opened, written, sealed, and adopted under their name.</summary>
/// <remarks>
/// Nothing that is installed is changed by a release being written. Bytes are verified before they are written or
/// before the release is sealed; a sealed release survives a power cut. The product's lock is held.
/// </remarks>
internal interface IInstallDestination : IInstalledReleases
{
    /// <summary>Bytes of disk that are free for new releases.</summary>
    long FreeBytes { get; }

    /// <summary>The number of files that can still be made; <see cref="long.MaxValue"/> where only space limits
    /// it.</summary>
    long FreeInodes { get; }

    /// <summary>Finds out what unchanged files can share with installed releases.</summary>
    /// <param name="link">The user's wish.</param>
    FileSharing FindSharing(LinkMode link);

    /// <summary>Opens everything on this disk that may hold wanted bytes: the current release first.</summary>
    /// <param name="state">The record of what is installed; null when nothing is.</param>
    /// <param name="manifests">Manifests and recipes.</param>
    /// <returns>Seeds, each the caller's to dispose of.</returns>
    IReadOnlyList<SeedTree> OpenSeeds(ProductState? state, ManifestStore manifests);

    /// <summary>Opens what an interrupted run has written of a release.</summary>
    /// <param name="release">The release.</param>
    /// <param name="hash">Hashes and buffers; the caller's, and alive as long as the answer.</param>
    /// <exception cref="ChunkOtaException"><c>IMAGE_UNFIT</c>: this destination cannot hold the release.</exception>
    IUnfinishedInstall FindUnfinished(ReleaseContents release, FileHash hash);

    /// <summary>Opens a release for writing: anew, or as an interrupted run left it.</summary>
    /// <param name="order">The release, and what it is written from.</param>
    IInstallWriter Open(InstallOrder order);

    /// <summary>Gives directories and files of an installed release their permissions, as far as the files are this
    /// user's. When it returns, they survive a power cut.</summary>
    /// <param name="version">The version.</param>
    /// <param name="release">What it must hold.</param>
    /// <param name="damage">The findings of a check; those that are not about permissions are passed over.</param>
    void RestorePermissions(string version, ReleaseContents release, IReadOnlyList<TreeDamage> damage);

    /// <summary>Opens an installed release to put damaged entries right.</summary>
    /// <param name="version">The version.</param>
    /// <param name="order">The release, and what the damaged entries are written from.</param>
    IRepairWriter OpenRepair(string version, InstallOrder order);

    /// <summary>Tells whether a sealed release waits for its name; its content is not looked at.</summary>
    /// <param name="manifest">The digest of its manifest.</param>
    bool HoldsStaged(Digest manifest);

    /// <summary>Gives a sealed release its own name.</summary>
    /// <returns>False when something else bears that name.</returns>
    bool TryAdopt(InstalledRelease release);

    /// <summary>Takes the name of a damaged release away and opens it up again:
    /// its good files need not be fetched a second time.</summary>
    void Reopen(InstalledRelease release);

    /// <summary>Finds out which installed releases are in use, as far as this user can see.</summary>
    /// <param name="releases">The releases that are looked for.</param>
    /// <returns>Why, in a few words, by version.</returns>
    IReadOnlyDictionary<string, string> FindUses(IReadOnlyCollection<InstalledRelease> releases);

    /// <summary>Takes the name of an installed release away; its files go with <see cref="FinishRemovals"/>.</summary>
    /// <returns>Null, or why it keeps its name.</returns>
    string? Remove(InstalledRelease release);

    /// <summary>Removes the files of releases that have no name any more, also those of earlier runs.</summary>
    /// <returns>What cannot be removed now, one line for each release.</returns>
    IReadOnlyList<string> FinishRemovals();

    /// <summary>Counts the releases that interrupted runs left unfinished.</summary>
    int CountUnfinished();

    /// <summary>Removes what interrupted runs left.</summary>
    /// <returns>What cannot be removed now, one line for each tree.</returns>
    IReadOnlyList<string> RemoveUnfinished();
}

/// <summary>An order to write a release.</summary>
/// <param name="Release">The release.</param>
/// <param name="Demand">The chunks that its files lack.</param>
/// <param name="Sharing">What unchanged files can share.</param>
/// <param name="Hash">Hashes and buffers; the caller's, and alive as long as the release is written.</param>
/// <param name="Timer">Measures the verification.</param>
internal sealed record InstallOrder(
    ReleaseContents Release, ChunkDemand Demand, FileSharing Sharing, FileHash Hash, PhaseTimer Timer);

/// <summary>The part of a release that an interrupted run has written, by what the bytes hash to.</summary>
internal interface IUnfinishedInstall : IDisposable
{
    /// <summary>Hashes the files that have the right length.</summary>
    void Scan(CancellationToken cancellationToken);

    /// <summary>Tells whether the file of an entry is whole.</summary>
    /// <param name="entry">The index of the entry.</param>
    bool IsWhole(int entry);

    /// <summary>Finds the chunks of a file, not whole, that are written already.</summary>
    /// <param name="entry">The index of the entry.</param>
    /// <param name="chunks">The file's chunks.</param>
    /// <returns>One value for each chunk.</returns>
    bool[] PresentChunks(int entry, IReadOnlyList<ChunkRef> chunks);
}
