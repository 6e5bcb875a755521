using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;
using Grpc.Core;

namespace ChunkOta.Admin;

/// <summary>The calls of one publish, in batches that fit a message; a broken connection is tried again.</summary>
/// <param name="session">The connection.</param>
/// <param name="clock">For the pauses between tries.</param>
internal sealed class PublishCalls(Session session, TimeProvider clock)
{
    private const int MaxFilesPerCall = 8192;
    private const int MaxHashesPerCall = 16_384;
    private const int PieceBytes = 256 * 1024;
    private const int ManifestLevel = 6;

    /// <summary>Which of the files the product already has, with the recipe that the server knows.</summary>
    /// <returns>By digest; a null recipe means one chunk. Absent: not known.</returns>
    public async Task<Dictionary<Digest, Digest?>> FindFilesAsync(
        ByteString publishId, IReadOnlyCollection<(
            Digest Digest, long Length)> files, CancellationToken cancellationToken)
    {
        Dictionary<Digest, Digest?> known = [];
        foreach (var batch in files.Chunk(MaxFilesPerCall))
        {
            var request = new FindFilesRequest
            {
                PublishId = publishId,
                Files = { batch.Select(
                    file => new FileKey { Digest = file.Digest.ToByteString(), Size = (ulong)file.Length }) },
            };
            var response = await Retrying.RunAsync(
                async () => await session.Publishing.FindFilesAsync(request, cancellationToken: cancellationToken),
                clock, cancellationToken);
            foreach (var file in response.Known)
            {
                if (file.Index < batch.Length)
                    known[batch[file.Index].Digest] = file.Recipe.IsEmpty ? null : file.Recipe.ToDigest();
            }
        }

        return known;
    }

    /// <summary>Those of the chunks that the store lacks, in the order asked.</summary>
    public async Task<IReadOnlyList<SourceChunk>> FindMissingAsync(
        ByteString publishId, IReadOnlyList<SourceChunk> chunks, CancellationToken cancellationToken)
    {
        List<SourceChunk> missing = [];
        foreach (var batch in chunks.Chunk(MaxHashesPerCall))
        {
            var hashes = new byte[batch.Length * Digest.Size];
            for (var i = 0; i < batch.Length; i++)
                batch[i].Chunk.Hash.CopyTo(hashes.AsSpan(i * Digest.Size));
            var request =
                new FindMissingRequest { PublishId = publishId, Hashes = UnsafeByteOperations.UnsafeWrap(hashes) };
            var response = await Retrying.RunAsync(
                async () => await session.Publishing.FindMissingAsync(request, cancellationToken: cancellationToken),
                clock, cancellationToken);
            var bits = response.Missing.Span;
            if (bits.Length != (batch.Length + 7) / 8)
            {
                throw new ChunkOtaException(ErrorCodes.ServerUnavailable,
                    $"the server answered {bits.Length} bytes about {batch.Length} chunks: it is not a ChunkOta "
                    + "server of this version");
            }

            for (var i = 0; i < batch.Length; i++)
            {
                if ((bits[i / 8] & (1 << (i % 8))) != 0)
                    missing.Add(batch[i]);
            }
        }

        return missing;
    }

    /// <summary>Brings recipes; those that the server has already do no harm.</summary>
    public async Task PutRecipesAsync(
        ByteString publishId, IReadOnlyCollection<Recipe> recipes, CancellationToken cancellationToken)
    {
        if (recipes.Count == 0)
            return;
        await StreamAsync(
            () => session.Publishing.PutRecipes(cancellationToken: cancellationToken),
            recipes.SelectMany(recipe => Pieces(recipe.ToBytes())).Select(
                part => new PutRecipesRequest { PublishId = publishId, Piece = part.Piece, Ends = part.Ends }),
            cancellationToken);
    }

    /// <summary>Makes a release visible; without a pointer it is held. The same again is fine, so a lost answer costs
    /// nothing.</summary>
    public Task<CommitResponse> CommitAsync(
        BegunPublish begun, Envelope manifest, Envelope? pointer, CancellationToken cancellationToken)
    {
        var bytes = manifest.ToByteArray();
        var (frame, content) = Compress(bytes, begun.Newest);
        var header = new CommitHeader
        {
            PublishId = begun.Id,
            ManifestEnvelopeBytes = (ulong)bytes.Length,
            Pointer = pointer,
            Frame = frame,
        };
        return StreamAsync(
            () => session.Publishing.Commit(cancellationToken: cancellationToken),
            Pieces(content).Select(part => new CommitRequest { ManifestPiece = part.Piece })
                .Prepend(new CommitRequest { Header = header }),
            cancellationToken);
    }

    /// <summary>Forecasts the release's cost for its fleet; nothing becomes visible.</summary>
    public Task<ForecastResponse> ForecastAsync(
        BegunPublish begun, Envelope manifest, IEnumerable<FleetShare> fleet, CancellationToken cancellationToken)
    {
        var bytes = manifest.ToByteArray();
        var (frame, content) = Compress(bytes, begun.Newest);
        var header = new ForecastPublishHeader
        {
            PublishId = begun.Id,
            ManifestEnvelopeBytes = (ulong)bytes.Length,
            Fleet = { fleet },
            Frame = frame,
        };
        return StreamAsync(
            () => session.Publishing.ForecastPublish(cancellationToken: cancellationToken),
            Pieces(content).Select(part => new ForecastPublishRequest { ManifestPiece = part.Piece })
                .Prepend(new ForecastPublishRequest { Header = header }),
            cancellationToken);
    }

    /// <summary>Sends all requests of a call, which are made anew for each try, and takes its answer.</summary>
    private Task<TResponse> StreamAsync<TRequest, TResponse>(
        Func<AsyncClientStreamingCall<TRequest, TResponse>> open, IEnumerable<TRequest> requests,
        CancellationToken cancellationToken) =>
        Retrying.RunAsync(async () =>
        {
            using var call = open();
            foreach (var request in requests)
                await call.RequestStream.WriteAsync(request, cancellationToken);
            await call.RequestStream.CompleteAsync();
            return await call;
        }, clock, cancellationToken);

    /// <summary>The envelope as a frame against the newest manifest: what did not change costs next to
    /// nothing.</summary>
    private static (ManifestFrame Frame, byte[] Content) Compress(byte[] envelope, VerifiedManifest? newest)
    {
        var held = newest?.Envelope.Payload.Memory ?? default;
        var (content, usesPrefix) = ManifestTransfer.Encode(envelope, held, ManifestLevel);
        var frame = new ManifestFrame { Bytes = (ulong)content.Length };
        if (usesPrefix)
            frame.BaseManifestDigest = newest!.Digest.ToByteString();
        return (frame, content);
    }

    private static IEnumerable<(ByteString Piece, bool Ends)> Pieces(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length; at += PieceBytes)
        {
            var length = Math.Min(PieceBytes, bytes.Length - at);
            yield return (UnsafeByteOperations.UnsafeWrap(bytes.AsMemory(at, length)), at + length == bytes.Length);
        }
    }
}
