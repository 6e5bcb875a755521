using System.Diagnostics.CodeAnalysis;
using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Fetches every missing chunk once; a broken stream is resumed where it broke.</summary>
/// <remarks>
/// A chunk that comes damaged is asked for again, alone, and the others are kept. Where a link breaks before anything
/// whole has come, the next call asks for less, down to a part of one chunk; each call that succeeds asks for more
/// again.
/// </remarks>
/// <param name="source">The source of the chunks.</param>
/// <param name="release">The release.</param>
/// <param name="demand">The chunks that are missing.</param>
/// <param name="sink">Takes each chunk, verified, and takes it off the demand.</param>
/// <param name="monitor">Told of each wait.</param>
internal sealed class ChunkFetch(
    IReleaseSource source, ReleaseContents release, ChunkDemand demand, IChunkSink sink, RunMonitor monitor)
    : IDisposable
{
    private readonly ZstdDecoder _decoder = new();
    private readonly FetchPlan _plan = new(demand);
    private readonly DamagedChunks _damaged = new();

    /// <summary>Plain bytes of the chunks that were written.</summary>
    public long FetchedBytes { get; private set; }

    /// <summary>Called after each frame.</summary>
    public Action? Progressed { get; init; }

    /// <summary>Fetches until nothing is missing; what was written stays, however it ends.</summary>
    /// <exception cref="ChunkOtaException">The server's last failure when it fails five times without bringing
    /// anything; <c>CHUNK_HASH</c> or <c>FRAME_INVALID</c> naming the chunk, when it came damaged three times;
    /// <c>FRAME_INVALID</c> at once, for what was not asked for.</exception>
    public Task RunAsync(CancellationToken cancellationToken) => new PersistentTransfer(monitor).RunAsync(
        () => _plan.LeftBytes,
        FetchOnceAsync,
        () => new ChunkOtaException(ErrorCodes.ChunkMissing, "the server sent none of the chunks asked for"),
        cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _decoder.Dispose();

    private async Task FetchOnceAsync(CancellationToken cancellationToken)
    {
        var before = _plan.LeftBytes;
        int damages;
        try
        {
            do
            {
                damages = _damaged.Damages;
                await CallAsync(_plan.Next(_damaged), cancellationToken).ConfigureAwait(false);
            }
            // A call that brought only damage has brought an answer: the link is not broken.
            while (_plan.LeftBytes == before && _damaged.Damages > damages);
            _plan.Succeeded();
        }
        catch (ChunkOtaException) when (_plan.LeftBytes == before)
        {
            _plan.Failed();
            throw;
        }
    }

    private async Task CallAsync(FetchOrder order, CancellationToken cancellationToken)
    {
        // A stored frame comes whole if half of it was asked for; more than that is nothing that helps.
        var allowedBytes = (2 * order.PlainBytes) + (2L * ChunkFrame.MaxPlainBytes);
        var frames = source.FetchChunksAsync(release.Digest, order.Ranges, order.Portion, cancellationToken);
        await foreach (var frame in frames.ConfigureAwait(false))
        {
            using (frame)
                allowedBytes -= Take(frame, order.Portion);
            if (allowedBytes < 0)
                throw Unasked("more came than was asked for");
            Progressed?.Invoke();
        }
    }

    /// <summary>Writes what a frame brings.</summary>
    /// <returns>Its plain bytes.</returns>
    private int Take(FetchedFrame frame, ChunkPortion? portion)
    {
        var spans = frame.ReadSpans();
        if (!TryDecode(frame, spans, out var decoded))
            return ChunkFrame.MaxPlainBytes;
        using (decoded)
        {
            if (portion is { } part && spans is [{ IsSkipped: true }])
                TakePart(decoded.Plain.Span, part);
            else
                Write(decoded, spans);
            return decoded.Plain.Length;
        }
    }

    private bool TryDecode(
        FetchedFrame frame, IReadOnlyList<FrameSpan> spans, [NotNullWhen(true)] out DecodedFrame? decoded)
    {
        try
        {
            decoded = ChunkFrame.Decode(frame.Frame, _decoder);
            return true;
        }
        catch (ChunkOtaException e) when (e is FrameInvalidException or DecompressLimitException)
        {
            // Nothing in it can be used: each chunk of it came damaged.
            foreach (var span in spans)
                NoteDamage(span, e);
            decoded = null;
            return false;
        }
    }

    private void TakePart(ReadOnlySpan<byte> plain, ChunkPortion portion)
    {
        if (plain.Length != portion.Length)
            throw Unasked("it is not the part of a chunk that was asked for");
        if (_plan.AddPart(plain) is not { } whole)
            return;
        var chunk = VerifiedChunk.Of(whole.Bytes);
        if (chunk.Hash == whole.Chunk.Hash)
            WriteOne(chunk);
        else
            NoteDamage(whole.Chunk, whole.Entry, new ChunkCorruptException(whole.Chunk.Hash, chunk.Hash));
    }

    private void Write(DecodedFrame decoded, IReadOnlyList<FrameSpan> spans)
    {
        long offset = 0;
        foreach (var span in spans)
        {
            offset = span.IsSkipped ? offset + span.SkippedBytes : WriteRun(decoded, checked((int)offset), span);
            if (offset > decoded.Plain.Length)
                throw Unasked("its list of contents is longer than it is");
        }
    }

    private int WriteRun(DecodedFrame decoded, int offset, FrameSpan run)
    {
        var file = FileOf(run);
        for (var i = (int)run.First; i < (int)(run.First + run.Count); i++)
        {
            var chunk = file.Chunks[i];
            if (chunk.Length > decoded.Plain.Length - offset)
                throw Unasked("it is shorter than its chunks");
            if (demand.IsMissing(chunk.Hash))
                TryWrite(decoded, offset, chunk, file.Entry);
            offset += chunk.Length;
        }
        return offset;
    }

    private void TryWrite(DecodedFrame decoded, int offset, ChunkRef chunk, int entry)
    {
        VerifiedChunk verified;
        try
        {
            verified = decoded.VerifyAt(offset, chunk);
        }
        catch (ChunkCorruptException e)
        {
            NoteDamage(chunk, entry, e);
            return;
        }
        WriteOne(verified);
    }

    private void WriteOne(VerifiedChunk chunk)
    {
        sink.Write(chunk);
        _damaged.Remove(chunk.Hash);
        FetchedBytes += chunk.Length;
    }

    private void NoteDamage(FrameSpan span, ChunkOtaException fault)
    {
        if (span.IsSkipped)
            return;
        var file = FileOf(span);
        for (var i = (int)span.First; i < (int)(span.First + span.Count); i++)
        {
            if (demand.IsMissing(file.Chunks[i].Hash))
                NoteDamage(file.Chunks[i], file.Entry, fault);
        }
    }

    private void NoteDamage(ChunkRef chunk, int entry, ChunkOtaException fault) =>
        _damaged.Note(chunk.Hash, release.Entries[entry].Path, fault);

    private DemandedFile FileOf(FrameSpan run) =>
        run.Entry <= int.MaxValue && demand.TryFindFile((int)run.Entry, out var file)
        && (ulong)run.First + run.Count <= (ulong)file.Chunks.Count
            ? file
            : throw Unasked("it holds what was not asked for");

    private static FrameInvalidException Unasked(string what) =>
        new($"a frame that the server sent cannot be used: {what}");
}
