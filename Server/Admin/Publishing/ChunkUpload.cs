using ChunkOta.Protos;
using Google.Protobuf;
using Grpc.Core;

namespace ChunkOta.Admin;

/// <summary>Sends the chunks that the server lacks; after a broken connection, those that it still lacks.</summary>
internal sealed class ChunkUpload(
    Session session, PublishCalls calls, FrameMaker frames, IPublishProgress progress, TimeProvider clock)
{
    /// <summary>Sends the chunks. When it returns, the server has all of them durably.</summary>
    /// <param name="publishId">From BeginPublish.</param>
    /// <param name="missing">In tree order, each once.</param>
    public async Task RunAsync(
        ByteString publishId, IReadOnlyList<SourceChunk> missing, CancellationToken cancellationToken)
    {
        var rest = missing;
        for (var tries = 1; rest.Count > 0; tries++)
        {
            try
            {
                await SendAsync(publishId, rest, cancellationToken);
                return;
            }
            catch (ChunkOtaException e) when (Retrying.IsPassing(e) && tries < Retrying.MaxTries)
            {
                progress.End(e.Code == ErrorCodes.ServerUnavailable ? "the connection was lost" : e.Message);
                if (e is RetryLaterException) await Task.Delay(Retrying.PauseAfter(e, tries), clock, cancellationToken);
                progress.Begin("sending the rest", rest.Sum(chunk => (long)chunk.Chunk.Length));
            }

            // This waits for the server, and fails if it stays away.
            var left = await calls.FindMissingAsync(publishId, rest, cancellationToken);
            // A link that breaks now and then must not end a publish that makes progress.
            if (left.Count < rest.Count)
                tries = 0;
            rest = left;
        }
    }

    private async Task SendAsync(
        ByteString publishId, IReadOnlyList<SourceChunk> chunks, CancellationToken cancellationToken)
    {
        using var call = session.Chunks.PutFrames(new CallOptions(cancellationToken: cancellationToken));
        await foreach (var frame in frames.MakeAsync(FramePacker.Pack(chunks), cancellationToken))
        {
            using (frame)
            {
                await call.RequestStream.WriteAsync(new PushedFrame(
                    publishId.Memory, frame.Plan.Chunks.Select(chunk => (uint)chunk.Chunk.Length)
                        .ToArray(), frame.Bytes),
                    cancellationToken);
                progress.Advance(frame.Plan.PlainBytes);
            }
        }

        await call.RequestStream.CompleteAsync();
        await call;
    }
}
