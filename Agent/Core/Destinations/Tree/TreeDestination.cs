using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Releases as directory trees: written under <c>staging/DIGEST</c>, installed as
/// <c>releases/VERSION</c>.</summary>
/// <remarks>Only trees are touched that the record or a digest as their name marks as this agent's own.</remarks>
/// <param name="home">The product's folder.</param>
internal sealed class TreeDestination(ProductHome home) : IInstallDestination
{
    private readonly Tombstones _tombstones = new(home);

    private readonly SealFiles _seals = new(home);

    /// <inheritdoc/>
    public long FreeBytes => Fs.FreeBytes(home.Root);

    /// <inheritdoc/>
    public long FreeInodes => Fs.FindFreeInodes(home.Root) ?? long.MaxValue;

    /// <inheritdoc/>
    public bool IsTaken(string version) => Fs.FindStatus(home.ReleaseOf(version)) is not null;

    /// <inheritdoc/>
    public bool Holds(InstalledRelease release) =>
        Fs.FindStatus(home.ReleaseOf(release.Version)) is { Kind: FileKind.Directory };

    /// <inheritdoc/>
    public string PathOf(string version) => home.ReleaseOf(version);

    /// <inheritdoc/>
    public TreeFindings Check(
        string version, ReleaseContents release, CancellationToken cancellationToken = default) =>
        Check(version, release, (check, seal) => check.Run(seal, cancellationToken));

    /// <inheritdoc/>
    public TreeFindings CheckQuickly(
        string version, ReleaseContents release, CancellationToken cancellationToken = default) =>
        Check(version, release, (check, seal) => check.RunQuickly(seal, cancellationToken));

    /// <inheritdoc/>
    public FileSharing FindSharing(LinkMode link) => Fs.CanClone(home.Staging) ? FileSharing.Blocks
        : link == LinkMode.Hardlink ? FileSharing.Names
        : FileSharing.None;

    /// <inheritdoc/>
    public IReadOnlyList<SeedTree> OpenSeeds(ProductState? state, ManifestStore manifests) =>
        SeedTrees.Open(home, state, manifests);

    /// <inheritdoc/>
    public IUnfinishedInstall FindUnfinished(ReleaseContents release, FileHash hash) =>
        new StagedFiles(TreeFiles.TryOpenTree(home.StagingOf(release.Digest)), release, hash);

    /// <inheritdoc/>
    public IInstallWriter Open(InstallOrder order)
    {
        var writer = new TreeWriter(
            StagingTree.Open(home.StagingOf(order.Release.Digest), order.Release, _tombstones), order, _seals);
        try
        {
            writer.MakeEmptyEntries();
            return writer;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void RestorePermissions(string version, ReleaseContents release, IReadOnlyList<TreeDamage> damage)
    {
        if (damage.Any(found => found.IsOfDirectory && found.Path == TreeDamage.RootPath))
            OpenUp(version);
        using var tree = DirectoryTree.Open(home.ReleaseOf(version));
        // Sorted by their paths: a directory comes before those below it.
        foreach (var found in damage.Where(found => found.IsOfDirectory && found.Path != TreeDamage.RootPath))
            tree.SetPermissions(found.Path, Permissions.Executable);
        foreach (var found in damage.Where(found => found.IsOfMode && !found.IsOfDirectory))
        {
            // A file of another user is left: a repair puts a new one in its place.
            using var file = TreeFiles.TryOpenFile(tree, found.Path);
            if (file is not null && release.Find(found.Path) is >= 0 and var entry)
                _ = StagingTree.TrySetPermissions(release.Entries[entry], file);
        }
        tree.SyncFileSystem();
    }

    /// <inheritdoc/>
    public IRepairWriter OpenRepair(string version, InstallOrder order)
    {
        var path = home.ReleaseOf(version);
        // The whole tree may be gone: then everything of it is missing.
        if (Fs.FindStatus(path) is null)
            Fs.MakeDirectory(path, Permissions.Executable);
        var installed = DirectoryTree.Open(path);
        try
        {
            var staging = StagingTree.Open(
                home.StagingOf(order.Release.Digest), order.Release, _tombstones);
            return new TreeRepair(installed, staging, new TreeWriter(staging, order, _seals), order);
        }
        catch
        {
            installed.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool HoldsStaged(Digest manifest) => Fs.FindStatus(home.StagingOf(manifest)) is not null;

    /// <inheritdoc/>
    public bool TryAdopt(InstalledRelease release)
    {
        if (!Fs.TryRenameNew(home.StagingOf(release.ManifestDigest), home.ReleaseOf(release.Version)))
            return false;
        Fs.SyncDirectory(home.Releases);
        Fs.SyncDirectory(home.Staging);
        return true;
    }

    /// <inheritdoc/>
    public void Reopen(InstalledRelease release)
    {
        var staging = home.StagingOf(release.ManifestDigest);
        if (Fs.FindStatus(staging) is not null)
            _tombstones.Bury(staging);
        // A directory that its owner must not write cannot move to another one: its ".." would change.
        if (Fs.FindStatus(home.ReleaseOf(release.Version)) is { } status && !status.Has(Permissions.Executable))
            OpenUp(release.Version);
        Fs.Rename(home.ReleaseOf(release.Version), staging);
        Fs.SyncDirectory(home.Releases);
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> FindUses(IReadOnlyCollection<InstalledRelease> releases)
    {
        var found = TreeUses.Find(releases.Select(release => home.ReleaseOf(release.Version)));
        var uses = new Dictionary<string, string>();
        foreach (var (path, use) in found)
            uses.Add(Path.GetFileName(path), use.ToString());
        return uses;
    }

    /// <inheritdoc/>
    public string? Remove(InstalledRelease release)
    {
        if (!IsTaken(release.Version))
            return null;
        try
        {
            _tombstones.Bury(home.ReleaseOf(release.Version));
        }
        catch (FileSystemException e) when (e.Problem is FileProblem.NotPermitted or FileProblem.InUse)
        {
            return e.Message;
        }
        Fs.SyncDirectory(home.Releases);
        return null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> FinishRemovals() => _tombstones.RemoveAll();

    /// <inheritdoc/>
    public int CountUnfinished()
    {
        var count = 0;
        foreach (var (_, kind) in Fs.FindNames(home.Staging) ?? [])
            count += kind == FileKind.Directory ? 1 : 0;
        return count;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> RemoveUnfinished()
    {
        var left = new List<string>();
        foreach (var (name, kind) in Fs.FindNames(home.Staging) ?? [])
        {
            var path = Path.Combine(home.Staging, name);
            if (!Digest.TryParse(name, null, out _))
                continue;
            if (kind != FileKind.Directory)
                Fs.Unlink(path);
            else if (TreeRemoval.Remove(path).Describe() is { } what)
                left.Add(what);
        }
        return left;
    }

    private TreeFindings Check(
        string version, ReleaseContents release, Func<TreeCheck, ReleaseSeal, TreeFindings> check)
    {
        var path = home.ReleaseOf(version);
        if (Fs.FindStatus(path) is not { Kind: FileKind.Directory } root)
            return new TreeFindings([new TreeDamage($"{ProductHome.ReleasesName}/{version}", "missing")], []);
        IReadOnlyList<TreeDamage> damage = root.Has(Permissions.Executable) || IsMounted(version)
            ? []
            : [TreeDamage.OfDirectory(TreeDamage.RootPath, root)];
        using var tree = TreeFiles.TryOpenTree(path);
        if (tree is null || (damage.Count > 0 && !TreeCheck.IsOpen(root)))
            return new TreeFindings(damage, []);
        using var hash = new FileHash();
        var seal = _seals.Find(release) ?? ReleaseSeal.None(release.Entries.Count);
        var findings = check(new TreeCheck(tree, release, hash), seal);
        _seals.TrySave(release, seal);
        return damage.Count == 0 ? findings : findings with { Damage = [.. damage, .. findings.Damage] };
    }

    private bool IsMounted(string version)
    {
        using var releases = DirectoryTree.Open(home.Releases);
        return releases.IsMounted(version);
    }

    private void OpenUp(string version)
    {
        using var releases = DirectoryTree.Open(home.Releases);
        releases.SetPermissions(version, Permissions.Executable);
    }
}
