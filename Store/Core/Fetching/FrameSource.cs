using System.Buffers;
using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>Performs planned reads: stored frames unchanged, and new frames built from chunks of others.</summary>
/// <remarks>Any number of reads at once. Chunks of a new frame are verified each time. A stored frame is verified when
/// it is sent for the first time in an hour: a rotten one would look like an attack to a device.</remarks>
/// <param name="objects">The store of packs.</param>
/// <param name="gatherLevel">zstd level of new frames.</param>
internal sealed class FrameSource(IObjectReader objects, int gatherLevel) : IDisposable
{
    private readonly CodecPool _codecs = new(gatherLevel);
    private readonly VerifiedFrames _verified = new();

    /// <summary>Forgets what was verified before damage was found.</summary>
    public void ForgetBefore(DamageStamp stamp) => _verified.ForgetBefore(stamp);

    /// <summary>Reads or builds the frames of one read.</summary>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE: a pack is gone or damaged.</exception>
    public async Task<FrameBatch> ReadAsync(FetchRead read, CancellationToken cancellationToken) =>
        read.Steps[0] is GatheredFrame gathered
            ? await GatherAsync(gathered, cancellationToken).ConfigureAwait(false)
            : await ReadWholeAsync(read, cancellationToken).ConfigureAwait(false);

    /// <summary>Builds a frame of a part of one chunk, which was verified before; its bytes are all to be
    /// skipped.</summary>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE: its pack is gone or damaged.</exception>
    public async Task<FrameBatch> ReadSliceAsync(
        WantedChunk chunk, ChunkSlice slice, CancellationToken cancellationToken)
    {
        using var decoded = await StoredFrames.DecodeAsync(
            objects, _codecs, chunk.Location.Frame, cancellationToken).ConfigureAwait(false);
        var plain = StoredFrames.Verify(decoded, chunk.Location, chunk.Hash).Plain
            .Slice((int)slice.Offset, (int)slice.Bytes);
        var batch = new FrameBatch(ChunkFrame.HeaderBytes + plain.Length);
        var encoder = _codecs.RentEncoder();
        var length = ChunkFrame.Encode(plain.Span, batch.Buffer.Span, encoder);
        _codecs.Return(encoder);
        batch.Add([FrameSpan.Skip(slice.Bytes)], 0, length);
        return batch;
    }

    public void Dispose() => _codecs.Dispose();

    private async Task<FrameBatch> ReadWholeAsync(FetchRead read, CancellationToken cancellationToken)
    {
        var frames = read.Steps.Cast<WholeFrame>().ToList();
        var (pack, start) = (frames[0].Frame.Pack, frames[0].Frame.Offset);
        var length = frames.Sum(step => step.Frame.StoredBytes);

        var batch = new FrameBatch(length);
        try
        {
            await objects.ReadAsync(ObjectName.Pack(pack), start, batch.Buffer[..length], cancellationToken)
                .ConfigureAwait(false);
            foreach (var step in frames)
            {
                var offset = step.Frame.Offset - start;
                Verify(step, batch.Buffer.Slice(offset, step.Frame.StoredBytes));
                batch.Add(step.Spans, offset, step.Frame.StoredBytes);
            }

            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    /// <exception cref="ObjectDamagedException">The frame does not hold the wanted chunks.</exception>
    private void Verify(WholeFrame step, ReadOnlyMemory<byte> stored)
    {
        if (_verified.Has(step)) return;
        using (var decoded = StoredFrames.Decode(stored, _codecs, step.Frame))
        {
            foreach (var chunk in step.Chunks) _ = StoredFrames.Verify(decoded, chunk.Location, chunk.Hash);
        }

        _verified.Add(step);
    }

    private async Task<FrameBatch> GatherAsync(GatheredFrame step, CancellationToken cancellationToken)
    {
        var plain = ArrayPool<byte>.Shared.Rent(step.PlainBytes);
        var batch = new FrameBatch(ChunkFrame.HeaderBytes + step.PlainBytes);
        try
        {
            await CopyChunksAsync(step, plain, cancellationToken).ConfigureAwait(false);
            var encoder = _codecs.RentEncoder();
            var length = ChunkFrame.Encode(plain.AsSpan(0, step.PlainBytes), batch.Buffer.Span, encoder);
            _codecs.Return(encoder);
            batch.Add(step.Spans, 0, length);
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    private async Task CopyChunksAsync(GatheredFrame step, byte[] plain, CancellationToken cancellationToken)
    {
        var at = 0;
        for (var next = 0; next < step.Chunks.Count;)
        {
            var frame = step.Chunks[next].Location.Frame;
            using var decoded = await StoredFrames.DecodeAsync(objects, _codecs, frame, cancellationToken)
                .ConfigureAwait(false);
            for (; next < step.Chunks.Count && step.Chunks[next].Location.Frame == frame; next++)
            {
                var chunk = step.Chunks[next];
                StoredFrames.Verify(decoded, chunk.Location, chunk.Hash).Plain.CopyTo(plain.AsMemory(at));
                at += chunk.Location.Length;
            }
        }
    }
}
