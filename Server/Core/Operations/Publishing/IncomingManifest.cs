using System.Buffers;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>The header of a manifest that a publisher sends.</summary>
/// <param name="Publish">The publish.</param>
/// <param name="EnvelopeBytes">The length of the manifest's envelope.</param>
/// <param name="FrameBytes">The length of the zstd frame that is sent; null when the envelope itself is.</param>
/// <param name="Base">The release whose manifest is the frame's prefix; null for none.</param>
public readonly record struct ManifestHeader(Guid Publish, ulong EnvelopeBytes, ulong? FrameBytes, Digest? Base);

/// <summary>The envelope of a manifest as a publisher sends it: one header, then pieces up to the announced
/// length.</summary>
public sealed class IncomingManifest
{
    private const int MaxOverhead = 64 * 1024;

    private readonly Store _store;
    private readonly Caller _caller;
    private readonly int _maxPayloadBytes;
    private PublishLease? _lease;
    private ManifestHeader _header;
    private ReadOnlyMemory<byte> _prefix;
    private ArrayBufferWriter<byte>? _bytes;

    /// <summary>Begins an upload.</summary>
    /// <param name="store">Has the lease of the publish, and manifests that frames build on.</param>
    /// <param name="caller">The publisher.</param>
    /// <param name="maxPayloadBytes">The longest manifest that is accepted.</param>
    internal IncomingManifest(Store store, Caller caller, int maxPayloadBytes) =>
        (_store, _caller, _maxPayloadBytes) = (store, caller, maxPayloadBytes);

    /// <summary>The lease of the publish, renewed when the header came.</summary>
    /// <exception cref="ChunkOtaException">USAGE: no header came.</exception>
    public PublishLease Lease => _lease ?? throw OutOfOrder();

    private ulong SentBytes => _header.FrameBytes ?? _header.EnvelopeBytes;

    /// <summary>The whole envelope.</summary>
    /// <exception cref="ChunkOtaException">USAGE: fewer bytes came than were announced; FRAME_INVALID,
    /// DECOMPRESS_LIMIT: the frame is not one of the announced length.</exception>
    public ReadOnlyMemory<byte> ReadWhole()
    {
        if (_bytes is not { } bytes || (ulong)bytes.WrittenCount != SentBytes)
        {
            throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"the manifest is incomplete: {_bytes?.WrittenCount ?? 0} of {SentBytes} bytes came: send all of it");
        }

        return _header.FrameBytes is null
            ? bytes.WrittenMemory
            : ManifestTransfer.Decode(bytes.WrittenSpan, (int)_header.EnvelopeBytes, _prefix.Span);
    }

    /// <summary>Reads the header: renews the lease of the publish, finds the base and reserves memory.</summary>
    /// <exception cref="ChunkOtaException">PUBLISH_UNKNOWN; NOT_ALLOWED; RELEASE_UNKNOWN: the base; TOO_LARGE; USAGE: a
    /// second header.</exception>
    public async Task BeginAsync(ManifestHeader header, CancellationToken cancellationToken)
    {
        if (_lease is not null) throw OutOfOrder();
        var lease = await _store.Catalogue.Publishes.RenewAsync(header.Publish, cancellationToken);
        _caller.DemandPublish(lease.Product);
        if (header.EnvelopeBytes > (ulong)_maxPayloadBytes + MaxOverhead)
        {
            throw TooLarge(
                $"the manifest is too large: {SizeText.Of(header.EnvelopeBytes)}: this server accepts "
                + SizeText.Of(_maxPayloadBytes));
        }

        if (header.Base is { } manifest)
        {
            await _store.Catalogue.Releases.GetReleaseOfAsync(lease.Product, manifest, cancellationToken);
            _prefix = (await _store.Reading.Releases.GetManifestAsync(manifest, cancellationToken)).Payload.Memory;
        }

        if (header.FrameBytes is { } frameBytes)
        {
            ManifestTransfer.CheckLengths(
                header.EnvelopeBytes, frameBytes, _prefix.Length, _maxPayloadBytes + MaxOverhead);
        }

        (_lease, _header) = (lease, header);
        _bytes = new ArrayBufferWriter<byte>(Math.Max(1, (int)SentBytes));
    }

    /// <summary>Appends the next piece.</summary>
    /// <exception cref="ChunkOtaException">TOO_LARGE: more bytes came than were announced; USAGE: the header is
    /// missing.</exception>
    public void Add(ReadOnlySpan<byte> piece)
    {
        var bytes = _bytes ?? throw OutOfOrder();
        if ((ulong)(bytes.WrittenCount + piece.Length) > SentBytes)
            throw TooLarge($"the manifest is longer than its header announced: {SentBytes} bytes: send it again");
        bytes.Write(piece);
    }

    private static ChunkOtaException OutOfOrder() =>
        new(ErrorCodes.Usage, "the manifest is out of order: send one header, then the pieces");

    private static ChunkOtaException TooLarge(string message) => new(ErrorCodes.TooLarge, message);
}
