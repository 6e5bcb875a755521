using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Releases as images in two slots. Only the slot that does not run is written, and a release is there once it
/// was read back.</summary>
/// <param name="home">The product's folder.</param>
/// <param name="slots">The slots.</param>
internal sealed class ImageDestination(ProductHome home, SlotPair slots) : IInstallDestination
{
    /// <inheritdoc/>
    /// <remarks>The space of the slot counts as well: it is set aside for releases.</remarks>
    public long FreeBytes => checked(Fs.FreeBytes(home.Root) + slots.CapacityOf(slots.RequireSpare()));

    /// <inheritdoc/>
    public long FreeInodes => Fs.FindFreeInodes(home.Root) ?? long.MaxValue;

    /// <inheritdoc/>
    public bool IsTaken(string version) => FindSlot(version) is not null;

    /// <inheritdoc/>
    public bool Holds(InstalledRelease release) => slots.Load().Find(release.ManifestDigest) is not null;

    /// <inheritdoc/>
    public string PathOf(string version) =>
        slots.PathOf(FindSlot(version) ?? slots.Bootloader.FindRunning().Other());

    /// <inheritdoc/>
    public TreeFindings Check(
        string version, ReleaseContents release, CancellationToken cancellationToken = default)
    {
        if (FindSlot(version) is not { } slot)
            return Damaged(version, "missing");
        var image = ImageRelease.Of(release);
        using var device = slots.TryOpenImage(slot, image.Bytes);
        if (device is null)
            return Damaged(image.Entry.Path, $"cannot be read from slot {slot}");
        using var hash = new FileHash();
        return hash.Of(device, image.Bytes) == image.Content
            ? new TreeFindings([], [])
            : Damaged(image.Entry.Path, $"other content in slot {slot}");
    }

    /// <inheritdoc/>
    /// <remarks>Nothing shows that a block has changed but its bytes, and those are read when the machine
    /// starts.</remarks>
    public TreeFindings CheckQuickly(
        string version, ReleaseContents release, CancellationToken cancellationToken = default) =>
        FindSlot(version) is null ? Damaged(version, "missing") : new TreeFindings([], []);

    /// <inheritdoc/>
    public FileSharing FindSharing(LinkMode link) => FileSharing.None;

    /// <inheritdoc/>
    public IReadOnlyList<SeedTree> OpenSeeds(ProductState? state, ManifestStore manifests)
    {
        var running = slots.Bootloader.FindRunning();
        if (slots.Load()[running] is not { IsComplete: true } content)
        {
            // An image that came from the factory: nothing is known of it but its bytes.
            var all = new SlotSeedFiles(slots, running, imageBytes: null);
            return [new SeedTree(all, null, () => null, new RecipeBundle(), IsComplete: true, IsCurrent: false)];
        }
        var digest = content.ManifestDigest;
        return
        [
            new SeedTree(
                new SlotSeedFiles(slots, running, content.ImageBytes),
                digest,
                () => manifests.FindContents(digest),
                manifests.FindRecipes(digest),
                IsComplete: true,
                IsCurrent: digest == state?.Current),
        ];
    }

    /// <inheritdoc/>
    public IUnfinishedInstall FindUnfinished(ReleaseContents release, FileHash hash)
    {
        var image = ImageRelease.Of(release);
        var spare = slots.RequireSpare();
        RequireFit(release, image, spare);
        var isBegun = slots.Load()[spare]?.ManifestDigest == release.Digest;
        return new UnfinishedImage(slots.TryOpenImage(spare, image.Bytes), image, isBegun, hash);
    }

    /// <inheritdoc/>
    public IInstallWriter Open(InstallOrder order)
    {
        var image = ImageRelease.Of(order.Release);
        var spare = slots.RequireSpare();
        RequireFit(order.Release, image, spare);
        var content = new SlotContent(
            order.Release.Manifest.Version, order.Release.Digest, image.Bytes, IsComplete: false);
        return new ImageWriter(slots, spare, content, slots.OpenForWriting(spare, content), order);
    }

    /// <inheritdoc/>
    public void RestorePermissions(string version, ReleaseContents release, IReadOnlyList<TreeDamage> damage) =>
        throw new NotSupportedException("A slot has no permissions.");

    /// <inheritdoc/>
    /// <exception cref="ChunkOtaException"><c>NOT_AS_INSTALLED</c>: always.</exception>
    public IRepairWriter OpenRepair(string version, InstallOrder order) => throw new ChunkOtaException(
        ErrorCodes.NotAsInstalled,
        $"{order.Release.Manifest.Product} {version} is damaged: {PathOf(version)}: a slot is not repaired in place: "
        + "start the machine from the other one, and upgrade");

    /// <inheritdoc/>
    public bool HoldsStaged(Digest manifest) => slots.Load().Find(manifest) is not null;

    /// <inheritdoc/>
    public bool TryAdopt(InstalledRelease release) => Holds(release);

    /// <inheritdoc/>
    public void Reopen(InstalledRelease release)
    {
        var document = slots.Load();
        if (document.Find(release.ManifestDigest) is { } slot)
            slots.Save(slot, document[slot]! with { IsComplete = false });
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> FindUses(IReadOnlyCollection<InstalledRelease> releases) =>
        new Dictionary<string, string>();

    /// <inheritdoc/>
    public string? Remove(InstalledRelease release)
    {
        Reopen(release);
        return null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> FinishRemovals() => [];

    /// <inheritdoc/>
    public int CountUnfinished() => 0;

    /// <inheritdoc/>
    public IReadOnlyList<string> RemoveUnfinished() =>
        // A slot that is half written needs no space beside the slot, and spares the next run what it holds.
        [];

    private static TreeFindings Damaged(string path, string what) => new([new TreeDamage(path, what)], []);

    private SlotName? FindSlot(string version)
    {
        var document = slots.Load();
        return Holds(document.A) ? SlotName.A : Holds(document.B) ? SlotName.B : null;

        bool Holds(SlotContent? content) => content is { IsComplete: true } && content.Version == version;
    }

    private void RequireFit(ReleaseContents release, ImageRelease image, SlotName slot)
    {
        var capacity = slots.CapacityOf(slot);
        if (image.Bytes > capacity)
        {
            throw new ChunkOtaException(
                ErrorCodes.ImageUnfit,
                $"{release.Manifest.Product} {release.Manifest.Version} does not fit slot {slot}: its image has "
                + $"{SizeText.Of(image.Bytes)}, {slots.PathOf(slot)} has {SizeText.Of(capacity)}");
        }
    }
}
