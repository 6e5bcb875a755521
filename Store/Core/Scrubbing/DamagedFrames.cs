using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Tells whether the catalogue still takes a chunk from what is damaged of a pack.</summary>
internal static class DamagedFrames
{
    /// <summary>False for a pack of which only frames are damaged whose chunks were stored again elsewhere, or are not
    /// needed any more: it delivers all that it is there for.</summary>
    /// <param name="chunks">The catalogue's chunks.</param>
    /// <param name="finding">What is damaged.</param>
    public static async Task<bool> AreNeededAsync(
        IChunkIndex chunks, ObjectFinding finding, CancellationToken cancellationToken)
    {
        if (finding.Name.Kind != ObjectKind.Pack || finding.Frames.Count == 0) return true;
        foreach (var frame in finding.Frames)
        {
            // A pack has the names of its chunks already; in the shared domain, a name stays as it is.
            Digest[] names = [.. frame.Chunks.Select(chunk => chunk.Hash)];
            var found = new ChunkLocation[names.Length];
            await chunks.FindAsync(DedupDomain.Shared, names, found, cancellationToken).ConfigureAwait(false);
            if (found.Any(chunk => chunk.IsKnown
                && chunk.Frame.Pack == finding.Name.Digest && chunk.Frame.Offset == frame.Offset))
                return true;
        }

        return false;
    }
}
