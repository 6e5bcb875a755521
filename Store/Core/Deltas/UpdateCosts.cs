using System.Collections.Concurrent;
using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>The cost of an update for a device that holds one release and nothing else, without manifest and
/// framing.</summary>
/// <param name="ChunkBytes">By chunks: their share of the stored frames, and the recipes; about, bytes as sent.</param>
/// <param name="KeptFiles">Files under the same path with the same content.</param>
/// <param name="KeptBytes">Their sizes.</param>
/// <param name="TreeBytes">The sizes of all files of the new release.</param>
public sealed record UpdateCost(long ChunkBytes, long KeptFiles, long KeptBytes, long TreeBytes);

/// <summary>Tells what updates cost by chunks: for a whole pair of releases, and for each file.</summary>
/// <remarks>Any number of callers at once; a pair is worked out once, and remembered.</remarks>
/// <param name="releases">Reads manifests and recipes.</param>
/// <param name="chunkIndex">Tells how chunks are stored.</param>
public sealed class UpdateCosts(ReleaseReader releases, IChunkIndex chunkIndex) : IDisposable
{
    private const int BatchChunks = 8192;
    private const int MaxRemembered = 4096;

    /// <summary>Pairs that are worked out at once: each holds two listings and the chunks of a release.</summary>
    private readonly SemaphoreSlim _working = new(2);

    private readonly ConcurrentDictionary<(Digest? From, Digest To), Lazy<Task<UpdateCost>>> _known = [];

    /// <summary>Computes the cost of a pair, or returns it from memory.</summary>
    /// <param name="from">What is held; null for nothing.</param>
    /// <param name="to">The release to make.</param>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE: a manifest or recipe is gone or damaged.</exception>
    public async ValueTask<UpdateCost> GetAsync(Digest? from, Digest to, CancellationToken cancellationToken)
    {
        // A forgotten pair is measured again, which is rare beside the pairs that a fleet asks for.
        if (_known.Count > MaxRemembered) _known.Clear();
        var key = (from, to);
        var work = _known.GetOrAdd(key, _ => new Lazy<Task<UpdateCost>>(() => Task.Run(() => MeasureAsync(from, to))));
        try
        {
            return await work.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch when (work.Value.IsFaulted)
        {
            _known.TryRemove(new(key, work));
            throw;
        }
    }

    /// <summary>
    /// Computes the cost of each changed file by chunks; a chunk that several need counts at the first.
    /// </summary>
    /// <param name="from">What is held.</param>
    /// <param name="to">The release to make.</param>
    /// <returns>Bytes for each file of <see cref="BaseChoice.FindChanged"/>, in its order.</returns>
    public async Task<IReadOnlyList<(ReleaseFile File, long Bytes)>> MeasureFilesAsync(
        ReleaseListing from, ReleaseListing to, CancellationToken cancellationToken)
    {
        var changed = BaseChoice.FindChanged(from, to);
        var bytes = new long[changed.Count];
        var seen = changed.Count == 0 ? [] : await ListChunksAsync(from, cancellationToken).ConfigureAwait(false);
        var missing = new List<(int Index, Digest Chunk)>();
        for (var index = 0; index < changed.Count; index++)
        {
            var file = changed[index];
            var chunks = await releases.GetChunksAsync(file, to.Cut, cancellationToken).ConfigureAwait(false);
            if (file.Recipe is not null) bytes[index] = (long)chunks.Count * Recipe.BytesPerChunk;
            foreach (var chunk in chunks)
            {
                if (seen.Add(chunk.Hash)) missing.Add((index, chunk.Hash));
            }
        }

        var locations = new ChunkLocation[Math.Min(BatchChunks, missing.Count)];
        foreach (var batch in missing.Chunk(BatchChunks))
        {
            var found = locations.AsMemory(0, batch.Length);
            await chunkIndex.FindAsync(
                to.Domain, Array.ConvertAll(batch, item => item.Chunk), found, cancellationToken)
                .ConfigureAwait(false);
            for (var i = 0; i < batch.Length; i++) bytes[batch[i].Index] += StoredShare(locations[i]);
        }

        return [.. changed.Zip(bytes)];
    }

    /// <summary>Ends it, when nothing is being worked out any more.</summary>
    public void Dispose() => _working.Dispose();

    private async Task<UpdateCost> MeasureAsync(Digest? from, Digest to)
    {
        await _working.WaitAsync().ConfigureAwait(false);
        try
        {
            return await MeasureNowAsync(from, to).ConfigureAwait(false);
        }
        finally
        {
            _working.Release();
        }
    }

    private async Task<UpdateCost> MeasureNowAsync(Digest? from, Digest to)
    {
        var held = from is { } manifest
            ? await releases.GetListingAsync(manifest, CancellationToken.None).ConfigureAwait(false)
            : ReleaseListing.Empty;
        var wanted = await releases.GetListingAsync(to, CancellationToken.None).ConfigureAwait(false);
        var files = await MeasureFilesAsync(held, wanted, CancellationToken.None).ConfigureAwait(false);
        var kept = wanted.Files.Where(file => held.Find(file.Path)?.Digest == file.Digest).ToList();
        return new UpdateCost(
            files.Sum(file => file.Bytes), kept.Count, kept.Sum(file => file.Size),
            wanted.Files.Sum(file => file.Size));
    }

    private async Task<HashSet<Digest>> ListChunksAsync(ReleaseListing release, CancellationToken cancellationToken)
    {
        var chunks = new HashSet<Digest>();
        foreach (var file in release.Files.DistinctBy(file => file.Digest))
        {
            foreach (var chunk in await releases.GetChunksAsync(file, release.Cut, cancellationToken)
                .ConfigureAwait(false))
                chunks.Add(chunk.Hash);
        }

        return chunks;
    }

    /// <summary>A frame's stored bytes are shared out by plain length.</summary>
    private static long StoredShare(ChunkLocation location) => location.IsKnown
        ? ((long)location.Frame.StoredBytes * location.Length / location.Frame.PlainBytes) + 1
        : 0;
}
