using System.Runtime.CompilerServices;
using ChunkOta.Protos.V1;
using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Verification of the store as messages.</summary>
internal static class VerificationMessages
{
    public static ScrubDepth ToDepth(this VerifyRequest request) =>
        request.Full ? ScrubDepth.Full : ScrubDepth.Quick;

    /// <summary>The whole answer: progress, then the summary, then what was found.</summary>
    public static async IAsyncEnumerable<VerifyResponse> VerifyToMessagesAsync(
        this ScrubOperations scrubs, Caller caller, VerifyRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var total = request.Full ? await scrubs.ReadStoredBytesAsync(cancellationToken) : 0;
        FinishedPass? finished = null;
        await foreach (var pass in scrubs.VerifyAsync(caller, request.ToDepth(), cancellationToken))
        {
            finished = pass.Finished;
            if (pass.Started is not null) yield return pass.ToProgress(total);
        }

        yield return new VerifyResponse { Summary = finished?.ToMessage() ?? new VerifySummary() };
        await foreach (var damaged in scrubs.ListDamagedAsync(caller, cancellationToken))
            yield return new VerifyResponse { Objects = { damaged.ToMessage() } };
        var affected = scrubs.ListAffectedAsync(
            caller, request.Product.NullIfEmpty(), always: request.Full, cancellationToken);
        await foreach (var release in affected) yield return new VerifyResponse { Releases = { release.ToMessage() } };
    }

    private static VerifyResponse ToProgress(this ScrubPass pass, long totalBytes) => new()
    {
        Progress = new VerifyProgress
        {
            Objects = (ulong)pass.Objects,
            Bytes = (ulong)pass.Bytes,
            TotalBytes = (ulong)totalBytes,
        },
    };

    private static VerifySummary ToMessage(this FinishedPass pass) => new()
    {
        Objects = (ulong)pass.Objects,
        Bytes = (ulong)pass.Bytes,
        CatalogueProblem = pass.Catalogue,
    };

    private static LostObject ToMessage(this DamagedObject damaged) => new()
    {
        Name = damaged.Name.ToString(),
        IsMissing = damaged.Fault == ObjectFault.Missing,
        Frames = (ulong)damaged.Frames,
        Chunks = (ulong)damaged.Chunks,
        FoundUnixSeconds = damaged.Found.ToUnixTimeSeconds(),
        Detail = damaged.Detail,
    };

    private static Protos.V1.AffectedRelease ToMessage(this Storage.AffectedRelease affected) => new()
    {
        Product = affected.Release.Product,
        Platform = affected.Release.Platform,
        Version = affected.Release.Version,
        Channels = { affected.Release.Channels },
        LacksManifest = affected.LacksManifest,
        Files = (ulong)affected.Files,
        FirstPath = affected.FirstPath ?? "",
        RunningDevices = (ulong)affected.Devices.Running,
        FollowingDevices = (ulong)affected.Devices.Following,
        Objects = { affected.Objects.Select(name => name.ToString()) },
    };
}
