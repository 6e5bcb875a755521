using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Server.Core;
using ChunkOta.Storage;
using Google.Protobuf;

namespace ChunkOta.Server;

/// <summary>Publishing as messages.</summary>
internal static class PublishMessages
{
    public static WantedPublish ToWanted(this BeginPublishRequest request) => new(
        request.Product, request.Platform, request.Version, request.Channel, request.AllowOlder);

    public static BeginPublishResponse ToMessage(this PublishStart start) => new()
    {
        PublishId = ByteString.CopyFrom(start.Lease.Id.ToByteArray()),
        LeaseSeconds = (uint)IPublishLeases.Lifetime.TotalSeconds,
        Cut = start.Product.Cut.ToDocument(),
        Root = start.Product.Root.ToEnvelope(),
        NewestManifest = start.Newest?.ToDocumentRef(),
        ExistingManifest = start.Existing?.ToDocumentRef(),
        Pointer = start.Channel is { } channel ? Envelope.Parser.ParseFrom(channel.Envelope.Span) : null,
        MaxReleaseBytes = (ulong)start.MaxReleaseBytes,
    };

    /// <summary>The files that are known with the size that the publisher gave.</summary>
    public static FindFilesResponse ToMessage(this IReadOnlyList<Storage.KnownFile?> known, FindFilesRequest request)
    {
        var response = new FindFilesResponse();
        for (var i = 0; i < known.Count; i++)
        {
            if (known[i] is not { } file || file.Size != (long)request.Files[i].Size) continue;
            var recipe = file.Recipe?.ToByteString() ?? ByteString.Empty;
            response.Known.Add(new Protos.V1.KnownFile { Index = (uint)i, Recipe = recipe });
        }

        return response;
    }

    /// <summary>The hashes of a request, which come in one field, one after the other.</summary>
    /// <exception cref="ChunkOtaException">USAGE: the field does not end with a hash.</exception>
    public static Digest[] ToHashes(this FindMissingRequest request)
    {
        var bytes = request.Hashes.Span;
        if (bytes.Length % Digest.Size != 0)
            throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"the hashes are not {Digest.Size} bytes each: {bytes.Length} bytes: send whole ones");
        var hashes = new Digest[bytes.Length / Digest.Size];
        for (var i = 0; i < hashes.Length; i++) hashes[i] = Digest.FromBytes(bytes.Slice(i * Digest.Size, Digest.Size));
        return hashes;
    }

    public static async IAsyncEnumerable<IncomingRecipePiece> ToPieces(
        this IAsyncEnumerable<PutRecipesRequest> requests)
    {
        await foreach (var request in requests)
            yield return new IncomingRecipePiece(request.PublishId.ToPublishId(), request.Piece.Memory, request.Ends);
    }

    public static CommitResponse ToMessage(this (Digest Manifest, CommitOutcome Outcome) commit) => new()
    {
        ManifestDigest = commit.Manifest.ToByteString(),
        AlreadyPublished = commit.Outcome.IsAlreadyPublished,
        Figures = commit.Outcome.Figures.ToMessage(),
    };
}
