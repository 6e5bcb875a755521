using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Admin;

/// <summary>Writes and signs a release's manifest.</summary>
internal static class ReleaseDocuments
{
    /// <summary>Checks names, kinds and links before a byte is hashed.</summary>
    /// <exception cref="ManifestInvalidException"><c>PATH_…</c>, <c>LINK_…</c>, <c>MANIFEST_INVALID</c>.</exception>
    public static void CheckPaths(PublishOptions options, SourceTree tree, TimeProvider clock)
    {
        // The rules want digests, too, which nobody knows yet: these stand in for them and go no further.
        var unknown = Digest.FromBytes([.. Enumerable.Repeat((byte)0xff, Digest.Size)]);
        var cut = CutParameters.Default;
        var manifest = Manifest(options, cut, 1, clock.GetUtcNow(), 0,
            tree.Entries.Select(entry => Entry(entry, unknown, entry.Length > cut.Max ? unknown : null)));
        ManifestRules.Check(manifest, ManifestLimits.Default);
    }

    /// <summary>One entry of the manifest.</summary>
    /// <param name="source">What was found.</param>
    /// <param name="digest">Of the whole file; nothing of it for what has no content.</param>
    /// <param name="recipe">Of a file of more than one chunk, else null.</param>
    public static Entry Entry(SourceEntry source, Digest digest, Digest? recipe)
    {
        var entry = new Entry { Path = source.Path, Kind = source.Kind, LinkTarget = source.LinkTarget ?? "" };
        if (source.Kind != EntryKind.File)
            return entry;
        entry.Executable = source.Status.IsExecutable;
        entry.Size = (ulong)source.Length;
        if (source.Length > 0)
            entry.Digest = digest.ToByteString();
        if (recipe is { } of)
            entry.Recipe = of.ToByteString();
        return entry;
    }

    /// <summary>A manifest of the options' release.</summary>
    public static Manifest Manifest(PublishOptions options, CutParameters cut, ulong counter, DateTimeOffset published,
        ulong floor, IEnumerable<Entry> entries) => new()
        {
            Product = options.Product,
            Platform = options.Platform,
            Version = options.Version,
            Build = options.Build,
            Counter = counter,
            PublishedUnixSeconds = published.ToUnixTimeSeconds(),
            Floor = floor,
            Cut = cut.ToDocument(),
            Notes = options.Notes,
            Portable = options.IsPortable,
            ExternalLinks = options.KeepsLinks,
            Entries = { entries },
            Mutable = { options.Mutable },
        };

    /// <summary>Signs a manifest, and verifies it as a device will.</summary>
    public static VerifiedManifest Sign(Manifest manifest, PublisherKeys keys) => VerifiedManifest.Verify(
        SignedDocument.Sign(PayloadTypes.Manifest, manifest.ToByteArray(), keys.Release!), keys.Root);
}
