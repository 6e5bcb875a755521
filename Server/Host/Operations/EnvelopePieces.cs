using System.Buffers;
using ChunkOta.Protos;

namespace ChunkOta.Server;

/// <summary>A manifest's envelope as it comes in, piece by piece: no longer than announced, nor than is allowed.</summary>
internal sealed class EnvelopePieces
{
    private const int MaxOverhead = 64 * 1024;

    private readonly ulong _announced;
    private readonly ArrayBufferWriter<byte> _bytes;

    /// <summary>Makes room.</summary>
    /// <param name="announced">Bytes that are to come.</param>
    /// <param name="maxPayloadBytes">Of the manifest in it.</param>
    /// <exception cref="ChunkOtaException">TOO_LARGE.</exception>
    public EnvelopePieces(ulong announced, int maxPayloadBytes)
    {
        Demand(
            announced <= (ulong)maxPayloadBytes + MaxOverhead,
            $"the manifest has {announced} bytes; this server takes {maxPayloadBytes} (Limits:ManifestBytes)");
        _announced = announced;
        _bytes = new ArrayBufferWriter<byte>(Math.Max(1, (int)announced));
    }

    /// <summary>All of it.</summary>
    /// <exception cref="ChunkOtaException">USAGE: less came than was announced.</exception>
    public ReadOnlyMemory<byte> Whole => (ulong)_bytes.WrittenCount == _announced
        ? _bytes.WrittenMemory
        : throw new ChunkOtaException(
            ErrorCodes.Usage, $"{_bytes.WrittenCount} of the manifest's {_announced} bytes came, and then no more");

    /// <summary>Takes the next piece.</summary>
    /// <exception cref="ChunkOtaException">TOO_LARGE: more comes than was announced.</exception>
    public void Add(ReadOnlySpan<byte> piece)
    {
        Demand(
            (ulong)(_bytes.WrittenCount + piece.Length) <= _announced,
            $"more than the {_announced} bytes of the manifest that were announced came");
        _bytes.Write(piece);
    }

    private static void Demand(bool isWithin, string what)
    {
        if (!isWithin) throw new ChunkOtaException(ErrorCodes.TooLarge, what);
    }
}
