namespace ChunkOta.Chunking;

/// <summary>
/// Finds what looks like a relative address in x86-64 code: four bytes after a call, a jump or an instruction that reaches
/// its data relative to itself. No disassembler: what only looks so costs a little and does no harm.
/// </summary>
internal static class ProgramFields
{
    /// <summary>Kinds of fields; the number is a context of models.</summary>
    public const int Kinds = 6;

    /// <summary>Bytes before a field that tell of it.</summary>
    public const int Before = 3;

    /// <summary>Programs refer beyond their file too, to memory that begins empty.</summary>
    private const int SlackBytes = 16 << 20;

    /// <summary>The kind of field that begins at <paramref name="at"/>, or -1.</summary>
    /// <param name="old">Bytes of the base.</param>
    /// <param name="at">At least <see cref="Before"/>; four bytes follow.</param>
    /// <param name="place">Where that is in the base.</param>
    /// <param name="baseBytes">Length of the base.</param>
    /// <param name="target">What the field refers to, as an offset in the base.</param>
    public static int KindAt(ReadOnlySpan<byte> old, int at, long place, long baseBytes, out uint target)
    {
        target = 0;
        var kind = KindBefore(old[at - 1], old[at - 2], old[at - 3]);
        if (kind < 0)
            return -1;
        var reach = (int)System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(old[at..]);
        var referred = place + 4 + reach;
        if (referred < 0 || referred >= baseBytes + SlackBytes || reach is > -4 and < 4)
            return -1;
        target = (uint)referred;
        return kind;
    }

    private static int KindBefore(byte last, byte second, byte third) => last switch
    {
        0xE8 => 0,
        0xE9 => 1,
        >= 0x80 and <= 0x8F when second == 0x0F => 2,
        _ when (last & 0xC7) == 0x05 => second switch
        {
            0x8D when (third & 0xF8) == 0x48 => 3,
            0x8B or 0x89 or 0x8A or 0x88 or 0x3B or 0x39 or 0x03 or 0x2B or 0x63 or 0x33 or 0x85 or 0xFF or 0x83 or 0x80
                or 0x81 or 0xC7 or 0xC6 or 0x38 or 0x3A or 0xF7 or 0xF6 => 4,
            _ when third == 0x0F => 5,
            _ => -1,
        },
        _ => -1,
    };
}
