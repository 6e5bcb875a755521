using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Fetches every missing chunk once; a broken stream is resumed where it broke.</summary>
/// <param name="source">The source of the chunks.</param>
/// <param name="release">The release.</param>
/// <param name="demand">The chunks that are missing.</param>
/// <param name="sink">Takes each chunk, verified, and takes it off the demand.</param>
/// <param name="clock">Paces the repetitions.</param>
internal sealed class ChunkFetch(
    IReleaseSource source, ReleaseContents release, ChunkDemand demand, IChunkSink sink, TimeProvider clock)
    : IDisposable
{
    private readonly ZstdDecoder _decoder = new();

    /// <summary>Plain bytes of the chunks that were written.</summary>
    public long FetchedBytes { get; private set; }

    /// <summary>Called after each frame.</summary>
    public Action? Progressed { get; init; }

    /// <summary>Fetches until nothing is missing; what was written stays, however it ends.</summary>
    /// <exception cref="ChunkOtaException">The server's last failure when it fails five times without bringing
    /// anything; <c>CHUNK_HASH</c>, <c>FRAME_INVALID</c> at once.</exception>
    public Task RunAsync(CancellationToken cancellationToken) => new PersistentTransfer(clock).RunAsync(
        () => demand.MissingChunks,
        FetchOnceAsync,
        () => new ChunkOtaException(ErrorCodes.ChunkMissing, "the server sent none of the chunks asked for"),
        cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _decoder.Dispose();

    private async Task FetchOnceAsync(CancellationToken cancellationToken)
    {
        var frames = source.FetchChunksAsync(release.Digest, demand.NextRanges(), cancellationToken);
        await foreach (var frame in frames.ConfigureAwait(false))
        {
            using (frame)
                Write(frame);
            Progressed?.Invoke();
        }
    }

    private void Write(FetchedFrame frame)
    {
        using var decoded = ChunkFrame.Decode(frame.Frame, _decoder);
        long offset = 0;
        foreach (var span in frame.ReadSpans())
        {
            offset = span.IsSkipped ? offset + span.SkippedBytes : WriteRun(decoded, checked((int)offset), span);
            if (offset > decoded.Plain.Length)
                throw Invalid("its list of contents is longer than it is");
        }
    }

    private int WriteRun(DecodedFrame decoded, int offset, FrameSpan run)
    {
        if (run.Entry > int.MaxValue || !demand.TryFindFile((int)run.Entry, out var file)
            || (ulong)run.First + run.Count > (ulong)file.Chunks.Count)
        {
            throw Invalid("it holds what was not asked for");
        }
        for (var i = (int)run.First; i < (int)(run.First + run.Count); i++)
        {
            var chunk = file.Chunks[i];
            if (chunk.Length > decoded.Plain.Length - offset)
                throw Invalid("it is shorter than its chunks");
            if (demand.IsMissing(chunk.Hash))
            {
                sink.Write(decoded.VerifyAt(offset, chunk));
                FetchedBytes += chunk.Length;
            }
            offset += chunk.Length;
        }
        return offset;
    }

    private static FrameInvalidException Invalid(string what) =>
        new($"a frame that the server sent cannot be used: {what}");
}
