using System.Buffers;
using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Rewrites packs that are mostly dead: their live chunks move to new packs, and the old ones go.</summary>
/// <remarks>
/// A frame whose chunks are all needed is copied as it is; of others the needed chunks are compressed again. Each chunk
/// is verified. The new pack is durable before rows point to it, all of them in one transaction. A pack that is damaged
/// is left alone: healing it is not the work of a collection. A new pack has chunks of one domain, as the old ones had.
/// One pack and one frame are in memory.
/// </remarks>
internal sealed class PackCompactor(CollectionRun run) : IDisposable
{
    private const int PacksAtOnce = 64;

    private readonly PackWriter _writer = new();
    private readonly CodecPool _codecs = new(run.Options.FrameLevel);
    private readonly List<SparsePack> _emptied = [];
    private readonly List<ChunkRef> _gathered = [];
    private readonly byte[] _frame = ArrayPool<byte>.Shared.Rent(ChunkFrame.MaxStoredBytes);
    private readonly byte[] _plain = ArrayPool<byte>.Shared.Rent(ChunkFrame.MaxPlainBytes);
    private int _gatheredBytes;
    private DedupDomain _domain = DedupDomain.Shared;

    /// <summary>Rewrites all packs that are sparse enough.</summary>
    /// <param name="now">The time.</param>
    public async Task RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        run.Begin(CollectionPhase.Compacting);
        var due = now + run.Options.Grace;
        for (var after = 0L; ;)
        {
            var packs = await run.Catalogue.Trash.ListSparseAsync(
                run.Options.CompactBelowPercent, after, PacksAtOnce, cancellationToken).ConfigureAwait(false);
            if (packs.Count == 0) break;
            foreach (var pack in packs)
                await TryMoveAsync(pack, due, cancellationToken).ConfigureAwait(false);
            after = packs[^1].Number;
        }

        await StoreAsync(due, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _writer.Dispose();
        _codecs.Dispose();
        ArrayPool<byte>.Shared.Return(_frame);
        ArrayPool<byte>.Shared.Return(_plain);
    }

    private async Task TryMoveAsync(SparsePack pack, DateTimeOffset due, CancellationToken cancellationToken)
    {
        try
        {
            var chunks = await run.Catalogue.Trash.ListChunksAsync(pack, cancellationToken).ConfigureAwait(false);
            var contents = await PackReader.ReadContentsAsync(run.Objects, pack.Digest, cancellationToken)
                .ConfigureAwait(false);
            if (contents.Domain != _domain)
                await ChangeDomainAsync(contents.Domain, due, cancellationToken).ConfigureAwait(false);
            _emptied.Add(pack);
            foreach (var frame in chunks.GroupBy(chunk => chunk.Frame))
            {
                await run.KeepAliveAsync(cancellationToken).ConfigureAwait(false);
                await AddAsync(frame.Key, [.. frame], cancellationToken).ConfigureAwait(false);
                if (_writer.IsFull)
                    await StoreAsync(due, cancellationToken).ConfigureAwait(false);
            }

            run.Count(figures => figures with { CompactedPacks = figures.CompactedPacks + 1 });
        }
        catch (StoreFailedException failure) when (failure.IsOfOneObject())
        {
            // The chunks that were read before the damage move all the same.
            return;
        }
    }

    private async Task ChangeDomainAsync(DedupDomain domain, DateTimeOffset due, CancellationToken cancellationToken)
    {
        await StoreAsync(due, cancellationToken).ConfigureAwait(false);
        _domain = domain;
        _writer.Reset(domain);
        _emptied.Clear();
    }

    private async Task AddAsync(FrameLocation frame, List<PackedChunk> live, CancellationToken cancellationToken)
    {
        await PackReader.ReadFrameAsync(run.Objects, frame, _frame, cancellationToken).ConfigureAwait(false);
        using var decoded = StoredFrames.Decode(_frame.AsMemory(0, frame.StoredBytes), _codecs, frame);
        VerifiedChunk[] verified =
        [
            .. live.Select(chunk => StoredFrames.Verify(
                decoded, new ChunkLocation(frame, chunk.PlainOffset, chunk.Chunk.Length),
                _domain.DigestOf(chunk.Chunk.Hash))),
        ];
        if (verified.Sum(chunk => chunk.Length) == frame.PlainBytes)
        {
            _writer.Add(_frame.AsSpan(0, frame.StoredBytes), verified);
            return;
        }

        foreach (var chunk in verified)
        {
            if (_gatheredBytes + chunk.Length > ChunkFrame.MaxPlainBytes)
                Flush();
            chunk.Plain.Span.CopyTo(_plain.AsSpan(_gatheredBytes));
            _gathered.Add(chunk.Ref);
            _gatheredBytes += chunk.Length;
        }
    }

    /// <summary>Makes a frame of the chunks that were gathered. It fits: a pack is sealed long before its
    /// limit.</summary>
    private void Flush()
    {
        if (_gatheredBytes == 0) return;
        var encoder = _codecs.RentEncoder();
        var length = ChunkFrame.Encode(_plain.AsSpan(0, _gatheredBytes), _frame, encoder);
        _codecs.Return(encoder);
        var offset = 0;
        var chunks = new VerifiedChunk[_gathered.Count];
        for (var i = 0; i < chunks.Length; i++)
        {
            chunks[i] = VerifiedChunk.Of(_plain.AsMemory(offset, _gathered[i].Length));
            offset += _gathered[i].Length;
        }

        _writer.Add(_frame.AsSpan(0, length), chunks);
        _gathered.Clear();
        _gatheredBytes = 0;
    }

    /// <summary>Stores the pack and moves its chunks.</summary>
    private async Task StoreAsync(DateTimeOffset due, CancellationToken cancellationToken)
    {
        Flush();
        if (_writer.IsEmpty) return;
        var pack = _writer.Seal();
        await ObjectArrivals.PutAsync(
            run.Objects, run.Catalogue.Chunks, [new ObjectContent(pack.Name, pack.Bytes)], cancellationToken)
            .ConfigureAwait(false);
        await run.Catalogue.Trash.MoveAsync(run.Lease, pack.Contents, _emptied, due, cancellationToken)
            .ConfigureAwait(false);
        // More of the last pack may be in the next one.
        _emptied.RemoveRange(0, _emptied.Count - 1);
        _writer.Reset();
    }
}
