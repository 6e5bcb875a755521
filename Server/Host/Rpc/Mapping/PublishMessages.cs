using System.Runtime.CompilerServices;
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
    public static NewPublish ToNewPublish(this BeginPublishRequest request) => new()
    {
        Product = request.Product,
        Platform = request.Platform,
        Version = request.Version,
        Channel = request.Channel,
        Allowances = (request.AllowOlder ? Allowances.Older : Allowances.None)
            | (request.AllowEmpty ? Allowances.Empty : Allowances.None)
            | (request.AllowShrink ? Allowances.Shrink : Allowances.None)
            | (request.CreateChannel ? Allowances.NewChannel : Allowances.None)
            | (request.NewPlatform ? Allowances.NewPlatform : Allowances.None)
            | (request.AfterRestore ? Allowances.AfterRestore : Allowances.None),
        Planned = request.Planned is { } planned
            ? new ReleaseSize(
                (long)Math.Min(planned.Files, long.MaxValue), (long)Math.Min(planned.Bytes, long.MaxValue))
            : null,
    };

    public static BeginPublishResponse ToMessage(this PublishStart start, DateTimeOffset now) => new()
    {
        PublishId = ByteString.CopyFrom(start.Lease.Id.ToByteArray()),
        LeaseSeconds = (uint)IPublishLeases.Lifetime.TotalSeconds,
        Cut = start.Product.Cut.ToDocument(),
        Root = start.Product.Root.ToEnvelope(),
        NewestManifest = start.Newest?.ToDocumentRef(),
        ExistingManifest = start.LacksManifest ? null : start.Existing?.ToDocumentRef(),
        LostManifest = start is { LacksManifest: true, Existing: { } lost }
            ? new LostManifest
            {
                Manifest = lost.ToDocumentRef(),
                Counter = lost.Counter,
                PublishedUnixSeconds = lost.Published.ToUnixTimeSeconds(),
            }
            : null,
        ExistingIsIncomplete = start.IsIncomplete,
        Pointer = start.Channel is { } channel ? Envelope.Parser.ParseFrom(channel.Envelope.Span) : null,
        MaxReleaseBytes = (ulong)start.MaxReleaseBytes,
        LeastNumber = start.LeastNumber,
        TimeUnixSeconds = now.ToUnixTimeSeconds(),
        NewestUnknownEntries = { start.UnknownEntries },
        OtherPointers =
        {
            start.OtherChannels.Where(other => other.Deleted is null)
                .Select(other => Envelope.Parser.ParseFrom(other.Envelope.Span)),
        },
        DeletedPointers =
        {
            start.OtherChannels.Where(other => other.Deleted is not null)
                .Select(other => Envelope.Parser.ParseFrom(other.Envelope.Span)),
        },
    };

    public static ManifestHeader ToManifestHeader(this CommitHeader header) =>
        ToManifestHeader(header.PublishId, header.ManifestEnvelopeBytes, header.Frame);

    public static ManifestHeader ToManifestHeader(this ForecastPublishHeader header) =>
        ToManifestHeader(header.PublishId, header.ManifestEnvelopeBytes, header.Frame);

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

    private static ManifestHeader ToManifestHeader(ByteString publish, ulong envelopeBytes, ManifestFrame? frame) =>
        new(
            publish.ToPublishId(), envelopeBytes, frame?.Bytes,
            frame is null || frame.BaseManifestDigest.IsEmpty ? null : frame.BaseManifestDigest.ToManifestDigest());

    public static async IAsyncEnumerable<IncomingRecipePiece> ToPieces(
        this IAsyncEnumerable<PutRecipesRequest> requests,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var request in requests.WithCancellation(cancellationToken))
            yield return new IncomingRecipePiece(request.PublishId.ToPublishId(), request.Piece.Memory, request.Ends);
    }

    public static CommitResponse ToMessage(this (Digest Manifest, CommitOutcome Outcome) commit) => new()
    {
        ManifestDigest = commit.Manifest.ToByteString(),
        AlreadyPublished = commit.Outcome.IsAlreadyPublished,
        Figures = commit.Outcome.Figures.ToMessage(),
    };
}
