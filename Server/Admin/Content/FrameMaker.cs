using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Admin;

/// <summary>A frame ready to send; its bytes are pooled and go back when it is disposed.</summary>
internal sealed class ReadyFrame(FramePlan plan, byte[] buffer, int storedBytes) : IDisposable
{
    private byte[]? _buffer = buffer;

    public FramePlan Plan { get; } = plan;

    public ReadOnlyMemory<byte> Bytes => _buffer is { } bytes
        ? bytes.AsMemory(0, storedBytes)
        : throw new ObjectDisposedException(nameof(ReadyFrame));

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } bytes)
            ArrayPool<byte>.Shared.Return(bytes);
    }
}

/// <summary>Reads, compresses and verifies frames on all cores, and yields them in order.</summary>
/// <remarks>
/// Each frame is decoded again and its chunks hashed before it leaves: a compressor or memory that erred, or a file
/// that changed, is found here and not on a device. A few frames for each core are in memory at a time and no more.
/// </remarks>
/// <param name="tree">Where the chunks are read from.</param>
/// <param name="level">The zstd level.</param>
internal sealed class FrameMaker(SourceTree tree, int level) : IDisposable
{
    // Enough that every core has work while one frame is sent; bounded, since each in the making holds its buffers.
    private static readonly int MaxPending = Math.Min(2 * Environment.ProcessorCount, 16);

    private readonly ConcurrentBag<Worker> _idle = [];

    /// <summary>Makes the frames, in order. The caller disposes of each that it is given.</summary>
    public async IAsyncEnumerable<ReadyFrame> MakeAsync(
        IEnumerable<FramePlan> plans, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pending = new Queue<Task<ReadyFrame>>();
        try
        {
            foreach (var plan in plans)
            {
                if (pending.Count == MaxPending)
                    yield return await pending.Dequeue();
                pending.Enqueue(Task.Run(() => Make(plan), ending.Token));
            }

            while (pending.Count > 0)
                yield return await pending.Dequeue();
        }
        finally
        {
            await ending.CancelAsync();
            foreach (var rest in pending)
            {
                await ((Task)rest).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (rest.IsCompletedSuccessfully)
                    (await rest).Dispose();
            }
        }
    }

    public void Dispose()
    {
        foreach (var worker in _idle)
            worker.Dispose();
    }

    private ReadyFrame Make(FramePlan plan)
    {
        if (!_idle.TryTake(out var worker))
            worker = new Worker(level);
        try
        {
            return worker.Make(tree, plan);
        }
        finally
        {
            _idle.Add(worker);
        }
    }

    private sealed class Worker(int level) : IDisposable
    {
        private readonly byte[] _plain = ArrayPool<byte>.Shared.Rent(ChunkFrame.MaxPlainBytes);
        private readonly ZstdEncoder _encoder = new(level);
        private readonly ZstdDecoder _decoder = new();

        public ReadyFrame Make(SourceTree tree, FramePlan plan)
        {
            var plain = _plain.AsSpan(0, plan.PlainBytes);
            Read(tree, plan, plain);
            var buffer = ArrayPool<byte>.Shared.Rent(ChunkFrame.MaxStoredBytes);
            try
            {
                var storedBytes = ChunkFrame.Encode(plain, buffer, _encoder);
                VerifyStored(tree, plan, buffer.AsMemory(0, storedBytes));
                return new ReadyFrame(plan, buffer, storedBytes);
            }
            catch
            {
                ArrayPool<byte>.Shared.Return(buffer);
                throw;
            }
        }

        public void Dispose()
        {
            _encoder.Dispose();
            _decoder.Dispose();
            ArrayPool<byte>.Shared.Return(_plain);
        }

        private static void Read(SourceTree tree, FramePlan plan, Span<byte> plain)
        {
            DurableFile? file = null;
            try
            {
                var index = -1;
                foreach (var chunk in plan.Chunks)
                {
                    if (chunk.Index != index)
                    {
                        file?.Dispose();
                        file = null;
                        file = tree.Open(tree.Entries[chunk.Index]);
                        index = chunk.Index;
                    }

                    if (file!.ReadAt(chunk.Offset, plain[..chunk.Chunk.Length]) != chunk.Chunk.Length)
                        throw SourceTree.Changed(tree.Entries[index]);
                    plain = plain[chunk.Chunk.Length..];
                }
            }
            finally
            {
                file?.Dispose();
            }
        }

        /// <summary>Reads the frame as a device will.</summary>
        private void VerifyStored(SourceTree tree, FramePlan plan, ReadOnlyMemory<byte> stored)
        {
            try
            {
                using var decoded = ChunkFrame.Decode(stored, _decoder);
                decoded.Verify([.. plan.Chunks.Select(chunk => chunk.Chunk)]);
            }
            catch (ChunkOtaException e) when (e is ChunkCorruptException or FrameInvalidException)
            {
                throw FindChanged(tree, plan) ?? new ChunkOtaException(ErrorCodes.Internal,
                    "a compressed frame does not decode to its content: this machine's memory or its libzstd is "
                    + "faulty, and nothing of the frame was sent: publish from another machine", e);
            }
        }

        /// <summary>
        /// The failure of a file whose bytes are no longer those that were hashed; null when all are.
        /// </summary>
        private ChunkOtaException? FindChanged(SourceTree tree, FramePlan plan)
        {
            var offset = 0;
            foreach (var chunk in plan.Chunks)
            {
                if (Blake3.Hash(_plain.AsSpan(offset, chunk.Chunk.Length)) != chunk.Chunk.Hash)
                    return SourceTree.Changed(tree.Entries[chunk.Index]);
                offset += chunk.Chunk.Length;
            }

            return null;
        }
    }
}
