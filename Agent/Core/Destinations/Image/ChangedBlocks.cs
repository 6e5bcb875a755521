using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Writes to a device only the blocks that it does not hold already: flash wears less, and zeros in a hole of
/// a sparse file stay a hole.</summary>
/// <param name="device">Open for writing; the caller's.</param>
internal sealed class ChangedBlocks(DurableFile device)
{
    private const int BlockBytes = 4096;
    private const int PieceBlocks = 64;

    private readonly byte[] _held = new byte[BlockBytes * PieceBlocks];

    /// <summary>Bytes that the device did not hold, and that were written.</summary>
    public long WrittenBytes { get; private set; }

    /// <summary>Makes the device hold bytes at an offset.</summary>
    /// <param name="offset">The offset, bytes.</param>
    /// <param name="bytes">They must fit the device.</param>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        if (offset < 0 || offset + bytes.Length > device.Length)
            throw new ChunkOtaException(ErrorCodes.TooLarge, $"the image is longer than was signed: {device.Path}");
        while (bytes.Length > 0)
        {
            // Pieces end where blocks of the device end.
            var length = (int)Math.Min(bytes.Length, _held.Length - (offset % BlockBytes));
            WritePiece(offset, bytes[..length]);
            offset += length;
            bytes = bytes[length..];
        }
    }

    private void WritePiece(long offset, ReadOnlySpan<byte> piece)
    {
        var held = _held.AsSpan(0, piece.Length);
        held = held[..device.ReadAt(offset, held)];
        if (held.SequenceEqual(piece))
            return;
        // Neighbouring blocks that differ are written at once.
        var from = -1;
        for (var at = 0; at < piece.Length;)
        {
            var end = (int)Math.Min(piece.Length, at + BlockBytes - ((offset + at) % BlockBytes));
            var isHeld = end <= held.Length && held[at..end].SequenceEqual(piece[at..end]);
            if (isHeld && from >= 0)
            {
                WriteRun(offset + from, piece[from..at]);
                from = -1;
            }
            else if (!isHeld && from < 0)
            {
                from = at;
            }
            at = end;
        }
        if (from >= 0)
            WriteRun(offset + from, piece[from..]);
    }

    private void WriteRun(long offset, ReadOnlySpan<byte> run)
    {
        device.WriteAt(offset, run);
        WrittenBytes += run.Length;
    }
}
