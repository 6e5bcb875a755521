using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Admin;

/// <summary>A scanned and hashed tree as the content of a release.</summary>
internal sealed class ReleaseToPublish(PublishOptions options, SourceTree tree, IReadOnlyList<Digest> digests)
{
    /// <summary>The number of files; links and empty directories are not counted.</summary>
    public int Files => tree.Files;

    /// <summary>The entries of the tree that are left out.</summary>
    public int Excluded => tree.Excluded;

    /// <summary>The sum of their lengths.</summary>
    public long LogicalBytes => tree.TotalBytes;

    /// <summary>Writes and signs the manifest: the release after the newest one.</summary>
    /// <exception cref="ChunkOtaException">
    /// <c>USAGE</c>, <c>ROLLBACK</c>: as <see cref="BegunPublish.CheckNumbers"/>. <c>PATH_…</c>, <c>LINK_…</c>,
    /// <c>TOO_LARGE</c>: devices would refuse it.
    /// </exception>
    public VerifiedManifest Sign(
        BegunPublish begun, IReadOnlyDictionary<Digest, Digest?> recipes, PublisherKeys keys, TimeProvider clock)
    {
        begun.CheckNumbers(options);
        var entries = tree.Entries.Select((entry, index) => ReleaseDocuments.Entry(
            entry, digests[index], entry.Length > 0 ? recipes[digests[index]] : null));
        return ReleaseDocuments.Sign(
            ReleaseDocuments.Manifest(
                options, begun.Cut, begun.NextCounter, clock.GetUtcNow(), begun.FloorFor(options), entries), keys);
    }

    /// <summary>Writes and signs the manifest of a release that the server lost, once more.</summary>
    /// <exception cref="ChunkOtaException"><c>VERSION_TAKEN</c>: it would be another manifest.</exception>
    public VerifiedManifest SignAgain(
        BegunPublish begun, IReadOnlyDictionary<Digest, Digest?> recipes, PublisherKeys keys, LostManifest lost)
    {
        var entries = tree.Entries.Select((entry, index) => ReleaseDocuments.Entry(
            entry, digests[index], entry.Length > 0 ? recipes[digests[index]] : null));
        var manifest = ReleaseDocuments.Manifest(
            options, begun.Cut, lost.Counter, DateTimeOffset.FromUnixTimeSeconds(lost.PublishedUnixSeconds),
            begun.FloorFor(options), entries);
        // A server that lies about the counter must not get a signature for one that no document has.
        return lost.Counter <= begun.LastCounter
            && Digest.Of(manifest.ToByteArray()) == lost.Manifest.Digest.ToDigest()
            ? ReleaseDocuments.Sign(manifest, keys)
            : throw new ChunkOtaException(
                ErrorCodes.VersionTaken,
                $"the server lost the manifest of {options.Product} {options.Version} {options.Platform}, and this is "
                + "other content, or published with other options: publish exactly what was published then, or a new "
                + "version");
    }

    /// <summary>Checks that a published release is this very content.</summary>
    /// <exception cref="ChunkOtaException"><c>VERSION_TAKEN</c>, naming the first difference.</exception>
    public void CheckSameAs(VerifiedManifest existing)
    {
        if (FindDifference(existing.Value) is { } difference)
        {
            throw new ChunkOtaException(ErrorCodes.VersionTaken,
                $"{options.Product} {options.Version} {options.Platform} is published with other content "
                + $"({difference}): "
                + "a version never changes, publish a new one");
        }
    }

    private string? FindDifference(Manifest existing)
    {
        if (existing.Portable != options.IsPortable)
            return "--portable differs";
        if (existing.ExternalLinks != options.KeepsLinks)
            return "--links differs";
        if (!existing.Mutable.SequenceEqual(options.Mutable))
            return "--mutable differs";
        for (var index = 0; index < Math.Max(existing.Entries.Count, tree.Entries.Count); index++)
        {
            if (index == existing.Entries.Count)
                return $"'{tree.Entries[index].Path}' is new";
            var theirs = existing.Entries[index];
            if (index == tree.Entries.Count)
                return $"'{theirs.Path}' is gone";
            // How a file was cut says nothing of what it holds: its digest does.
            var ours = ReleaseDocuments.Entry(tree.Entries[index], digests[index], theirs.RecipeDigest());
            if (!ours.Equals(theirs))
                return ours.Path == theirs.Path
                    ? $"'{ours.Path}' differs"
                    : $"'{ours.Path}' stands where '{theirs.Path}' stood";
        }

        return null;
    }
}
