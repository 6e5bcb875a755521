using System.Buffers;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>The envelope of a manifest as a publisher sends it: one header, then pieces up to the announced
/// length.</summary>
public sealed class IncomingManifest
{
    private const int MaxOverhead = 64 * 1024;

    private readonly IPublishLeases _publishes;
    private readonly Caller _caller;
    private readonly int _maxPayloadBytes;
    private PublishLease? _lease;
    private ulong _announced;
    private ArrayBufferWriter<byte>? _bytes;

    /// <summary>Begins an upload.</summary>
    /// <param name="publishes">Has the lease of the publish.</param>
    /// <param name="caller">The publisher.</param>
    /// <param name="maxPayloadBytes">The longest manifest that is accepted.</param>
    internal IncomingManifest(IPublishLeases publishes, Caller caller, int maxPayloadBytes) =>
        (_publishes, _caller, _maxPayloadBytes) = (publishes, caller, maxPayloadBytes);

    /// <summary>The lease of the publish, renewed when the header came.</summary>
    /// <exception cref="ChunkOtaException">USAGE: no header came.</exception>
    public PublishLease Lease => _lease ?? throw OutOfOrder();

    /// <summary>The whole envelope.</summary>
    /// <exception cref="ChunkOtaException">USAGE: fewer bytes came than were announced.</exception>
    public ReadOnlyMemory<byte> Whole => _bytes is { } bytes && (ulong)bytes.WrittenCount == _announced
        ? bytes.WrittenMemory
        : throw new ChunkOtaException(
            ErrorCodes.Usage,
            $"the manifest is incomplete: {_bytes?.WrittenCount ?? 0} of {_announced} bytes came: send all of it");

    /// <summary>Reads the header: renews the lease of the publish and reserves memory.</summary>
    /// <param name="publish">The publish.</param>
    /// <param name="announcedBytes">Bytes of the envelope that follows.</param>
    /// <exception cref="ChunkOtaException">PUBLISH_UNKNOWN; NOT_ALLOWED; TOO_LARGE; USAGE: a second
    /// header.</exception>
    public async Task BeginAsync(Guid publish, ulong announcedBytes, CancellationToken cancellationToken)
    {
        if (_lease is not null) throw OutOfOrder();
        var lease = await _publishes.RenewAsync(publish, cancellationToken);
        _caller.DemandPublish(lease.Product);
        if (announcedBytes > (ulong)_maxPayloadBytes + MaxOverhead)
            throw TooLarge(
                $"the manifest is too large: {announcedBytes} bytes: this server accepts {_maxPayloadBytes}");
        (_lease, _announced) = (lease, announcedBytes);
        _bytes = new ArrayBufferWriter<byte>(Math.Max(1, (int)announcedBytes));
    }

    /// <summary>Appends the next piece.</summary>
    /// <exception cref="ChunkOtaException">TOO_LARGE: more bytes came than were announced; USAGE: the header is
    /// missing.</exception>
    public void Add(ReadOnlySpan<byte> piece)
    {
        var bytes = _bytes ?? throw OutOfOrder();
        if ((ulong)(bytes.WrittenCount + piece.Length) > _announced)
            throw TooLarge($"the manifest is longer than its header announced: {_announced} bytes: send it again");
        bytes.Write(piece);
    }

    private static ChunkOtaException OutOfOrder() =>
        new(ErrorCodes.Usage, "the manifest is out of order: send one header, then the pieces");

    private static ChunkOtaException TooLarge(string message) => new(ErrorCodes.TooLarge, message);
}
