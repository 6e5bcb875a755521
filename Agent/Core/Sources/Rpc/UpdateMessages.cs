using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Agent;

/// <summary>The agent's records as messages of the wire, and back.</summary>
internal static class UpdateMessages
{
    /// <summary>The most deltas of an offer that are read.</summary>
    private const int MaxDeltas = 4;

    /// <summary>The most anchors of an offer that are read.</summary>
    private const int MaxAnchors = 16;

    /// <summary>A check as it is sent.</summary>
    public static CheckForUpdateRequest ToRequest(UpdateQuestion question) => new()
    {
        Product = question.Product,
        Platform = question.Platform,
        Channel = question.Channel,
        RootVersion = question.RootVersion,
        HeldManifestDigest = BytesOf(question.Held),
        Version = question.Version ?? "",
        ListsAnchors = question.ListsAnchors,
    };

    /// <summary>A report as it is sent.</summary>
    public static ReportRequest ToRequest(RunReport report) => new()
    {
        Product = report.Product,
        Platform = report.Platform,
        Channel = report.Channel,
        RunningManifestDigest = BytesOf(report.RunningManifest),
        RunningVersion = report.RunningVersion,
        State = report.FailureCode is null ? DeviceState.Succeeded
            : report.FailureCode == ErrorCodes.HealthFailed ? DeviceState.RolledBack
            : DeviceState.Failed,
        CauseCode = report.FailureCode ?? "",
        CauseText = report.FailureText,
        WireBytesUp = (ulong)report.WireBytesUp,
        WireBytesDown = (ulong)report.WireBytesDown,
        AgentVersion = AgentVersion.Current,
        Cause = report.Cause is { } cause ? ToMessage(cause) : Protos.V1.FailureCause.Unspecified,
        Stage = report.FailedStage is { } stage ? ToMessage(stage) : Protos.V1.UpdateStage.Unspecified,
    };

    /// <summary>Progress as it is sent.</summary>
    public static ReportRequest ToRequest(ProgressNote note) => new()
    {
        Product = note.Product,
        Platform = note.Platform,
        Channel = note.Channel,
        State = note.Progress.Stage == UpdateStage.Staged ? DeviceState.Staged : DeviceState.Downloading,
        Stage = ToMessage(note.Progress.Stage),
        Cause = note.Progress.Cause is { } cause ? ToMessage(cause) : Protos.V1.FailureCause.Unspecified,
        DoneBytes = (ulong)Math.Max(0, note.Progress.DoneBytes),
        TotalBytes = (ulong)Math.Max(0, note.Progress.TotalBytes),
        BytesPerSecond = (ulong)Math.Max(0, note.Progress.BytesPerSecond ?? 0),
        AgentVersion = AgentVersion.Current,
    };

    /// <summary>A cause as it is sent.</summary>
    internal static Protos.V1.FailureCause ToMessage(FailureCause cause) => (Protos.V1.FailureCause)((int)cause + 1);

    /// <summary>A stage as it is sent.</summary>
    internal static Protos.V1.UpdateStage ToMessage(UpdateStage stage) => (Protos.V1.UpdateStage)((int)stage + 1);

    /// <summary>An offer as it came, without deltas that cannot be used.</summary>
    /// <param name="header">Not verified.</param>
    /// <param name="held">The manifest that the device said it holds.</param>
    public static OfferedUpdate ToOffer(UpdateHeader header, Digest? held) => new()
    {
        Roots = header.Roots,
        Pointer = header.Pointer,
        Manifest = header.Manifest is { } manifest && Digest.TryFromBytes(manifest.Digest.Span, out var digest)
            ? digest
            : null,
        ManifestBytes = header.Manifest?.PayloadBytes ?? 0,
        IsCandidate = header.TakeCandidate,
        IsServerBehind = header.ServerIsBehind,
        IsHeld = header.IsHeld,
        Signatures = header.Signatures,
        UsesHeldManifest = header.UsesPrefix,
        SentBytes = header.TransferBytes,
        Deltas = DeltasOf(header, held),
        Anchors = [.. header.AnchorVersions.Take(MaxAnchors).Where(version => ReleaseVersion.TryParse(version, out _))],
    };

    /// <summary>An explained entry as it came.</summary>
    public static FileExplanation ToExplained(FileCost cost) => new(
        cost.Path,
        new StepCause(
            (long)Math.Min(cost.Bytes, long.MaxValue), WordOf(cost.Cause), cost.Evidence, cost.Hint));

    private static ByteString BytesOf(Digest? digest) => digest is { } known ? known.ToByteString() : ByteString.Empty;

    private static DeltaOffers? DeltasOf(UpdateHeader header, Digest? held)
    {
        if (held is not { } from || header.IsHeld)
            return null;
        var deltas = new List<OfferedDelta>();
        for (var i = 0; i < Math.Min(header.Deltas.Count, MaxDeltas); i++)
        {
            var offer = header.Deltas[i];
            if (offer.Bytes is > 0 and <= long.MaxValue
                && Digest.TryFromBytes(offer.Digest.Span, out var digest))
            {
                deltas.Add(new OfferedDelta(digest, (long)offer.Bytes));
            }
        }
        return deltas.Count == 0
            ? null
            : new DeltaOffers(from, deltas, (long)Math.Min(header.ChunkBytes, long.MaxValue));
    }

    private static string WordOf(ChangeCause cause) => cause switch
    {
        ChangeCause.New => "new",
        ChangeCause.Moved => "moved",
        ChangeCause.Edited => "edited",
        ChangeCause.Shifted => "shifted",
        ChangeCause.Rebuilt => "rebuilt",
        ChangeCause.Recompressed => "recompressed",
        ChangeCause.Timestamp => "timestamp",
        _ => "other",
    };
}
