using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>The transfer of a manifest, as far as calls have brought it; nothing of it is verified.</summary>
/// <param name="manifest">The digest of the manifest.</param>
/// <param name="length">The length of the whole transfer, bytes.</param>
internal sealed class PartialTransfer(Digest manifest, int length)
{
    private readonly byte[] _bytes = new byte[length];

    /// <summary>The bytes that have come.</summary>
    public int Filled { get; private set; }

    /// <summary>True when all have come.</summary>
    public bool IsWhole => Filled == length;

    /// <summary>All bytes, once they have come.</summary>
    public byte[] Bytes => _bytes;

    /// <summary>Tells whether a header continues this transfer.</summary>
    /// <param name="header">The header.</param>
    public bool IsContinuedBy(UpdateHeader header) =>
        header.TransferOffset == (ulong)Filled && header.TransferBytes == (ulong)length
        && header.Manifest?.Digest.Span.SequenceEqual(manifest.ToByteString().Span) == true;

    /// <summary>Returns what the server is told of it.</summary>
    public HeldTransfer ToMessage() => new()
    {
        ManifestDigest = manifest.ToByteString(),
        TransferBytes = (ulong)length,
        HeldBytes = (ulong)Filled,
    };

    /// <summary>Adds the next bytes.</summary>
    /// <param name="piece">The bytes.</param>
    /// <exception cref="ChunkOtaException"><c>TOO_LARGE</c>.</exception>
    public void Add(ReadOnlySpan<byte> piece)
    {
        if (piece.Length > length - Filled)
        {
            throw new ChunkOtaException(
                ErrorCodes.TooLarge, "the server sent more of the manifest than it announced");
        }
        piece.CopyTo(_bytes.AsSpan(Filled));
        Filled += piece.Length;
    }
}
