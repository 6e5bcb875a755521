using System.Buffers;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>A manifest's envelope as a publish sends it: a header, then pieces; no longer than announced, nor than is
/// allowed.</summary>
/// <param name="publishes">Where the publish has its lease.</param>
/// <param name="caller">Who publishes.</param>
/// <param name="maxPayloadBytes">Of the manifest.</param>
internal sealed class IncomingManifest(IPublishLeases publishes, Caller caller, int maxPayloadBytes)
{
    private const int MaxOverhead = 64 * 1024;

    private PublishLease? _lease;
    private ulong _announced;
    private ArrayBufferWriter<byte>? _bytes;

    /// <summary>The publish, prolonged.</summary>
    /// <exception cref="ChunkOtaException">USAGE: no header came.</exception>
    public PublishLease Lease => _lease ?? throw OutOfOrder();

    /// <summary>All of the envelope.</summary>
    /// <exception cref="ChunkOtaException">USAGE: less came than was announced.</exception>
    public ReadOnlyMemory<byte> Whole => _bytes is { } bytes && (ulong)bytes.WrittenCount == _announced
        ? bytes.WrittenMemory
        : throw new ChunkOtaException(
            ErrorCodes.Usage, $"{_bytes?.WrittenCount ?? 0} of the manifest's {_announced} bytes came, and then no more");

    /// <summary>Takes the header: prolongs the publish's lease and makes room.</summary>
    /// <param name="publishId">As it came.</param>
    /// <param name="announced">Bytes that are to come.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ChunkOtaException">PUBLISH_UNKNOWN; NOT_ALLOWED; TOO_LARGE; USAGE: it is the second.</exception>
    public async Task BeginAsync(ReadOnlyMemory<byte> publishId, ulong announced, CancellationToken cancellationToken)
    {
        if (_lease is not null) throw OutOfOrder();
        var lease = await publishes.RenewAsync(PublishOperations.ToPublishId(publishId.Span), cancellationToken);
        caller.DemandPublish(lease.Product);
        Demand(
            announced <= (ulong)maxPayloadBytes + MaxOverhead,
            $"the manifest has {announced} bytes; this server takes {maxPayloadBytes} (Limits:ManifestBytes)");
        (_lease, _announced, _bytes) = (lease, announced, new ArrayBufferWriter<byte>(Math.Max(1, (int)announced)));
    }

    /// <summary>Takes the next piece.</summary>
    /// <exception cref="ChunkOtaException">TOO_LARGE: more comes than was announced; USAGE: the header has not
    /// come.</exception>
    public void Add(ReadOnlySpan<byte> piece)
    {
        var bytes = _bytes ?? throw OutOfOrder();
        Demand(
            (ulong)(bytes.WrittenCount + piece.Length) <= _announced,
            $"more than the {_announced} bytes of the manifest that were announced came");
        bytes.Write(piece);
    }

    private static ChunkOtaException OutOfOrder() =>
        new(ErrorCodes.Usage, "A manifest is sent as one header and then its pieces");

    private static void Demand(bool isWithin, string what)
    {
        if (!isWithin) throw new ChunkOtaException(ErrorCodes.TooLarge, what);
    }
}
