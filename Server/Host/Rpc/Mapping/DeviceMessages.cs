using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Server.Core;
using ChunkOta.Storage;
using Google.Protobuf;

namespace ChunkOta.Server;

/// <summary>Enrolment, update checks and reports as messages.</summary>
internal static class DeviceMessages
{
    private const int PieceBytes = 16 * 1024;

    public static WantedEnrolment ToWanted(this EnrolRequest request) => new(
        request.TokenId.Memory, request.TokenSecret.Memory, request.PublicKey.Memory, request.Proof.Memory,
        request.Platform, request.AgentVersion);

    public static UpdateQuery ToQuery(this CheckForUpdateRequest request) => new()
    {
        Product = request.Product,
        Platform = request.Platform,
        Channel = request.Channel.NullIfEmpty(),
        RootVersion = request.RootVersion,
        HeldManifest = request.HeldManifestDigest.FindDigest(),
        Version = request.Version.NullIfEmpty(),
        ListsAnchors = request.ListsAnchors,
    };

    /// <summary>A header first, then the pieces of the manifest as it is sent.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="held">The part of a transfer that the device holds; null for none.</param>
    /// <param name="pollSeconds">The time after which a polling agent is asked to check again, seconds.</param>
    public static IEnumerable<CheckForUpdateResponse> ToMessages(
        this UpdateAnswer answer, HeldTransfer? held, int pollSeconds)
    {
        var header = ToHeader(answer);
        header.NextPollSeconds = (uint)pollSeconds;
        if (held is not null && IsOf(held, header)) header.TransferOffset = held.HeldBytes;
        yield return new CheckForUpdateResponse { Header = header };
        if (answer.Manifest is not { } manifest) yield break;
        for (var rest = manifest.Frame[(int)header.TransferOffset..];
            !rest.IsEmpty;
            rest = rest[Math.Min(PieceBytes, rest.Length)..])
        {
            var piece = UnsafeByteOperations.UnsafeWrap(rest[..Math.Min(PieceBytes, rest.Length)]);
            yield return new CheckForUpdateResponse { TransferPiece = piece };
        }
    }

    /// <summary>The report of a device.</summary>
    /// <param name="request">As it came.</param>
    /// <param name="deviceId">The device that sent it.</param>
    /// <param name="received">When it came.</param>
    public static DeviceReport ToReport(this ReportRequest request, string deviceId, DateTimeOffset received) => new()
    {
        DeviceId = deviceId,
        Received = received,
        Product = request.Product,
        Platform = request.Platform,
        Channel = request.Channel,
        Running = request.RunningManifestDigest.FindDigest(),
        RunningVersion = request.RunningVersion,
        State = (int)request.State,
        Target = request.TargetManifestDigest.FindDigest(),
        CauseCode = request.CauseCode,
        CauseText = request.CauseText,
        Cause = (int)request.Cause,
        FailedStage = (int)request.Stage,
        WireBytesUp = request.WireBytesUp,
        WireBytesDown = request.WireBytesDown,
        AgentVersion = request.AgentVersion,
    };

    private static bool IsOf(HeldTransfer held, UpdateHeader header) =>
        held.ManifestDigest == header.Manifest.Digest && held.TransferBytes == header.TransferBytes
        && held.HeldBytes < header.TransferBytes;

    private static UpdateHeader ToHeader(UpdateAnswer answer)
    {
        var header = new UpdateHeader
        {
            Roots = { answer.Roots.Select(root => root.ToEnvelope()) },
            Pointer = Envelope.Parser.ParseFrom(answer.Channel.Envelope.Span),
            Manifest = answer.Release.ToDocumentRef(),
            IsHeld = answer.Manifest is null,
            AnchorVersions = { answer.Anchors },
            ServerIsBehind = answer.Channel.IsBehind,
        };
        if (answer.Manifest is not { } manifest) return header;

        header.Deltas.AddRange(answer.Offer.Deltas.Select(delta => delta.ToOffer()));
        header.ChunkBytes = (ulong)answer.Offer.ChunkBytes;
        header.TransferBytes = (ulong)manifest.Frame.Length;
        header.UsesPrefix = manifest.UsesPrefix;
        header.Signatures.AddRange(manifest.Signatures);
        return header;
    }
}
