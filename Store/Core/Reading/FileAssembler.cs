using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Assembles whole files of releases from verified chunks.</summary>
/// <remarks>Any number of calls at once; each holds one expanded frame.</remarks>
/// <param name="objects">The store of packs.</param>
/// <param name="index">Locates chunks.</param>
/// <param name="releases">Reads recipes.</param>
internal sealed class FileAssembler(IObjectReader objects, IChunkIndex index, ReleaseReader releases) : IDisposable
{
    private const int BatchChunks = 1024;

    /// <summary>Only decoders are rented, so the level does not matter.</summary>
    private readonly CodecPool _codecs = new(level: 1);

    /// <summary>Writes a file's bytes.</summary>
    /// <param name="file">Of a visible release.</param>
    /// <param name="cut">The cut parameters of that release.</param>
    /// <param name="destination">Written to at its current position.</param>
    /// <exception cref="ChunkOtaException">CHUNK_MISSING, STORE_UNAVAILABLE: the store lost or damaged
    /// something.</exception>
    public async Task WriteAsync(
        ReleaseFile file, CutParameters cut, Stream destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var chunks = await releases.GetChunksAsync(file, cut, cancellationToken).ConfigureAwait(false);
        var frame = default(FrameLocation);
        DecodedFrame? decoded = null;
        try
        {
            foreach (var batch in chunks.Chunk(BatchChunks))
            {
                var locations = await FindAsync(file.Domain, batch, cancellationToken).ConfigureAwait(false);
                foreach (var (chunk, location) in batch.Zip(locations))
                {
                    if (decoded is null || frame != location.Frame)
                    {
                        decoded?.Dispose();
                        decoded = null;
                        decoded = await StoredFrames.DecodeAsync(objects, _codecs, location.Frame, cancellationToken)
                            .ConfigureAwait(false);
                        frame = location.Frame;
                    }

                    var plain = StoredFrames.Verify(decoded, location, chunk.Hash).Plain;
                    await destination.WriteAsync(plain, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            decoded?.Dispose();
        }
    }

    /// <summary>Reads the start of a file.</summary>
    /// <param name="file">Of a visible release.</param>
    /// <param name="cut">The cut parameters of that release.</param>
    /// <param name="maxBytes">The number of bytes; fewer are returned where its first chunk is shorter.</param>
    /// <exception cref="ChunkOtaException">CHUNK_MISSING, STORE_UNAVAILABLE: the store lost or damaged
    /// something.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadStartAsync(
        ReleaseFile file, CutParameters cut, int maxBytes, CancellationToken cancellationToken)
    {
        var chunks = await releases.GetChunksAsync(file, cut, cancellationToken).ConfigureAwait(false);
        var location = (await FindAsync(file.Domain, [chunks[0]], cancellationToken).ConfigureAwait(false))[0];
        using var decoded = await StoredFrames.DecodeAsync(objects, _codecs, location.Frame, cancellationToken)
            .ConfigureAwait(false);
        var plain = StoredFrames.Verify(decoded, location, chunks[0].Hash).Plain;
        return plain[..Math.Min(maxBytes, plain.Length)].ToArray();
    }

    /// <summary>Frees the pooled decoders.</summary>
    public void Dispose() => _codecs.Dispose();

    private async ValueTask<ChunkLocation[]> FindAsync(
        DedupDomain domain, ChunkRef[] chunks, CancellationToken cancellationToken)
    {
        var locations = new ChunkLocation[chunks.Length];
        await index.FindAsync(domain, Array.ConvertAll(chunks, chunk => chunk.Hash), locations, cancellationToken)
            .ConfigureAwait(false);
        var lost = Array.FindIndex(locations, location => !location.IsKnown);
        return lost < 0
            ? locations
            : throw new ChunkOtaException(
                ErrorCodes.ChunkMissing, $"the store lacks chunk {chunks[lost].Hash}: publish its release again");
    }
}
