using System.Runtime.CompilerServices;
using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Fetches wanted chunks of a release as frames, and reads ahead of the consumer.</summary>
/// <remarks>
/// Any number of calls at once. A call processes its wants in batches, so its memory does not grow with their number.
/// It always has one read in progress, and up to <see cref="MaxReadsAhead"/> as far as the server's budget allows.
/// </remarks>
public sealed class ChunkFetcher : IDisposable
{
    /// <summary>The most runs of chunks that one call may ask for.</summary>
    public const int MaxWants = 32_768;

    private const int BatchChunks = 4096;
    private const int MaxReadsAhead = 4;

    private readonly IChunkIndex _index;
    private readonly IDamageCatalogue _damage;
    private readonly ReleaseReader _releases;
    private readonly FrameSource _frames;
    private readonly SemaphoreSlim _readsAhead;

    /// <summary>Creates a fetcher.</summary>
    /// <param name="objects">The store of packs.</param>
    /// <param name="catalogue">Locates chunks, and knows what is damaged.</param>
    /// <param name="releases">Lists the chunks of a release.</param>
    /// <param name="gatherLevel">zstd level of regrouped frames.</param>
    /// <param name="readsAhead">Reads that all calls together may hold in memory beyond one
    /// each; about 512 KiB a read.</param>
    public ChunkFetcher(
        IObjectReader objects, ICatalogue catalogue, ReleaseReader releases, int gatherLevel, int readsAhead)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        _index = catalogue.Chunks;
        _damage = catalogue.Damage;
        _releases = releases;
        _frames = new FrameSource(objects, gatherLevel);
        _readsAhead = new SemaphoreSlim(readsAhead);
    }

    /// <summary>The unused part of the budget for reads ahead.</summary>
    internal int ReadsAheadLeft => _readsAhead.CurrentCount;

    /// <summary>The frames that hold the wanted chunks, about in the order asked.
    /// The caller disposes of each batch.</summary>
    /// <param name="manifest">A visible release that the caller may read.</param>
    /// <param name="wants">At most <see cref="MaxWants"/> runs.</param>
    /// <exception cref="ChunkOtaException">
    /// ENTRY_INVALID: the release has no such chunks; CHUNK_MISSING, STORE_UNAVAILABLE: the store lost them.
    /// </exception>
    public async IAsyncEnumerable<FrameBatch> FetchAsync(
        Digest manifest, IReadOnlyList<ChunkRange> wants, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wants);
        if (wants.Count > MaxWants)
            throw new ChunkOtaException(
                ErrorCodes.TooLarge, $"{wants.Count} runs were asked for; {MaxWants} is the most a call may");

        _frames.ForgetBefore(await _damage.ReadStampAsync(cancellationToken).ConfigureAwait(false));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reads = PlanAsync(manifest, wants, stop.Token).GetAsyncEnumerator(stop.Token);
        await using var disposal = reads.ConfigureAwait(false);
        var ahead = new Queue<Task<FrameBatch>>();
        try
        {
            var hasMore = true;
            while (true)
            {
                while (hasMore && ahead.Count < MaxReadsAhead && MayStart(ahead.Count))
                {
                    hasMore = await reads.MoveNextAsync().ConfigureAwait(false);
                    if (hasMore) ahead.Enqueue(StartRead(reads.Current, stop.Token));
                    else if (ahead.Count != 0) _readsAhead.Release();
                }

                if (ahead.Count == 0) yield break;
                var batch = await ahead.Peek().ConfigureAwait(false);
                Forget(ahead);
                yield return batch;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await DropAsync(ahead).ConfigureAwait(false);
        }
    }

    /// <summary>Fetches a part of one chunk as a frame whose bytes are all to be skipped. The caller disposes of the
    /// batch.</summary>
    /// <param name="manifest">A visible release that the caller may read.</param>
    /// <param name="want">One chunk.</param>
    /// <param name="slice">The part.</param>
    /// <exception cref="ChunkOtaException">
    /// ENTRY_INVALID: the release has no such chunk, or the chunk no such bytes; CHUNK_MISSING, STORE_UNAVAILABLE: the
    /// store lost it.
    /// </exception>
    public async Task<FrameBatch> FetchSliceAsync(
        Digest manifest, ChunkRange want, ChunkSlice slice, CancellationToken cancellationToken)
    {
        var entries = await _releases.GetListingAsync(manifest, cancellationToken).ConfigureAwait(false);
        var chunks = await ChunksOfAsync(entries, want, cancellationToken).ConfigureAwait(false);
        if (want.Count != 1 || slice.Bytes == 0 || slice.Offset + (long)slice.Bytes > chunks[(int)want.First].Length)
        {
            throw new ChunkOtaException(
                ErrorCodes.EntryInvalid, $"entry {want.Entry} of the release has no such part of a chunk");
        }
        var locations = new ChunkLocation[1];
        await _index.FindAsync(entries.Domain, new[] { chunks[(int)want.First].Hash }, locations, cancellationToken)
            .ConfigureAwait(false);
        var wanted = new WantedChunk(want.Entry, want.First, chunks[(int)want.First].Hash, locations[0]);
        return locations[0].IsKnown
            ? await _frames.ReadSliceAsync(wanted, slice, cancellationToken).ConfigureAwait(false)
            : throw Missing(wanted.Hash);
    }

    /// <summary>Frees the pooled codecs.</summary>
    public void Dispose()
    {
        _frames.Dispose();
        _readsAhead.Dispose();
    }

    /// <summary>The first read of a call is always allowed; further ones use the common budget.</summary>
    private bool MayStart(int alreadyAhead) => alreadyAhead == 0 || _readsAhead.Wait(0);

    private Task<FrameBatch> StartRead(FetchRead read, CancellationToken cancellationToken) =>
        Task.Run(() => _frames.ReadAsync(read, cancellationToken), cancellationToken);

    /// <summary>Removes the finished read from the queue; the next one no longer uses the budget.</summary>
    private void Forget(Queue<Task<FrameBatch>> ahead)
    {
        _ = ahead.Dequeue();
        if (ahead.Count != 0) _readsAhead.Release();
    }

    private async Task DropAsync(Queue<Task<FrameBatch>> ahead)
    {
        while (ahead.Count != 0)
        {
            var read = ahead.Peek();
            await ((Task)read).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (read.IsCompletedSuccessfully) (await read.ConfigureAwait(false)).Dispose();
            Forget(ahead);
        }
    }

    private async IAsyncEnumerable<FetchRead> PlanAsync(
        Digest manifest, IReadOnlyList<ChunkRange> wants, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var entries = await _releases.GetListingAsync(manifest, cancellationToken).ConfigureAwait(false);
        var wanted = new List<WantedChunk>(BatchChunks);
        foreach (var run in wants)
        {
            var chunks = await ChunksOfAsync(entries, run, cancellationToken).ConfigureAwait(false);
            for (var number = run.First; number < run.First + run.Count; number++)
            {
                wanted.Add(new WantedChunk(run.Entry, number, chunks[(int)number].Hash, default));
                if (wanted.Count < BatchChunks) continue;
                var planned = await PlanBatchAsync(entries.Domain, wanted, cancellationToken).ConfigureAwait(false);
                foreach (var read in planned) yield return read;
                wanted.Clear();
            }
        }

        var last = await PlanBatchAsync(entries.Domain, wanted, cancellationToken).ConfigureAwait(false);
        foreach (var read in last) yield return read;
    }

    private async ValueTask<IReadOnlyList<ChunkRef>> ChunksOfAsync(
        ReleaseListing entries, ChunkRange run, CancellationToken cancellationToken)
    {
        var file = entries.GetFile(run.Entry);
        var chunks = await _releases.GetChunksAsync(file, entries.Cut, cancellationToken).ConfigureAwait(false);
        return run.First + (long)run.Count <= chunks.Count
            ? chunks
            : throw new ChunkOtaException(ErrorCodes.EntryInvalid,
                $"entry {run.Entry} of the release has {chunks.Count} chunks, not {run.First + (long)run.Count}");
    }

    private async ValueTask<IReadOnlyList<FetchRead>> PlanBatchAsync(
        DedupDomain domain, List<WantedChunk> wanted, CancellationToken cancellationToken)
    {
        if (wanted.Count == 0) return [];

        var locations = new ChunkLocation[wanted.Count];
        await _index.FindAsync(
            domain, wanted.ConvertAll(chunk => chunk.Hash).ToArray(), locations, cancellationToken)
            .ConfigureAwait(false);
        for (var i = 0; i < locations.Length; i++)
        {
            if (!locations[i].IsKnown)
                throw Missing(wanted[i].Hash);
            wanted[i] = wanted[i] with { Location = locations[i] };
        }

        return [.. FetchReads.Group(FetchPlanner.Plan(wanted))];
    }

    private static ChunkOtaException Missing(Digest chunk) =>
        new(ErrorCodes.ChunkMissing, $"the store lost chunk {chunk}: publish its release again");
}
