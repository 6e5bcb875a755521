using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ChunkOta.Chunking;

/// <summary>
/// Finds what looks like a relative address in x86-64 code: four bytes after a call, a jump or an instruction that reaches
/// its data relative to itself. No disassembler: what only looks so costs a little and does no harm.
/// </summary>
internal static class ProgramFields
{
    /// <summary>Kinds of fields; the number is a context of models.</summary>
    public const int Kinds = 6;

    private static readonly Last[] Lasts = MakeLasts();

    /// <summary>Instructions whose next byte names an operand relative to the instruction.</summary>
    private static readonly bool[] Opcodes = MakeOpcodes();

    /// <summary>Bytes of a field.</summary>
    public const int Bytes = 4;

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
        var reach = (int)BinaryPrimitives.ReadUInt32LittleEndian(old[at..]);
        var referred = place + 4 + reach;
        if (referred < 0 || referred >= baseBytes + SlackBytes || reach is > -4 and < 4)
            return -1;
        target = (uint)referred;
        return kind;
    }

    /// <summary>Marks where a field may begin: what <see cref="KindAt"/> must still look at.</summary>
    /// <param name="old">Bytes of the base, <see cref="Before"/> of them before the block.</param>
    /// <param name="marks">Gets a bit for each byte of the block, lowest first, and clear ones after its end.</param>
    public static void Mark(ReadOnlySpan<byte> old, Span<ulong> marks)
    {
        var length = old.Length - Before;
        marks[..((length + 63) / 64)].Clear();
        ref var first = ref MemoryMarshal.GetReference(old);
        var at = 0;
        for (; at + Vector128<byte>.Count <= length; at += Vector128<byte>.Count)
        {
            var last = Vector128.LoadUnsafe(ref first, (nuint)(at + Before - 1));
            var second = Vector128.LoadUnsafe(ref first, (nuint)(at + Before - 2));
            var may = Vector128.Equals(last & Vector128.Create((byte)0xFE), Vector128.Create((byte)0xE8))
                | Vector128.Equals(last & Vector128.Create((byte)0xC7), Vector128.Create((byte)0x05))
                | (Vector128.Equals(last & Vector128.Create((byte)0xF0), Vector128.Create((byte)0x80))
                    & Vector128.Equals(second, Vector128.Create((byte)0x0F)));
            marks[at / 64] |= (ulong)may.ExtractMostSignificantBits() << (at % 64);
        }

        for (; at < length; at++)
        {
            if (KindBefore(old[at + Before - 1], old[at + Before - 2], old[at + Before - 3]) >= 0)
                marks[at / 64] |= 1UL << (at % 64);
        }
    }

    /// <summary>The first mark at a place or after it; <paramref name="length"/> if there is none.</summary>
    public static int NextMark(ReadOnlySpan<ulong> marks, int at, int length)
    {
        var word = at / 64;
        if (at >= length)
            return length;
        var left = marks[word] >> (at % 64);
        if (left != 0)
            return at + BitOperations.TrailingZeroCount(left);
        for (word++; word * 64 < length; word++)
        {
            if (marks[word] != 0)
                return (word * 64) + BitOperations.TrailingZeroCount(marks[word]);
        }

        return length;
    }

    private static int KindBefore(byte last, byte second, byte third) => Lasts[last] switch
    {
        Last.Call => 0,
        Last.Jump => 1,
        Last.Branch when second == 0x0F => 2,
        Last.Relative when second == 0x8D && (third & 0xF8) == 0x48 => 3,
        Last.Relative when Opcodes[second] => 4,
        Last.Relative when third == 0x0F => 5,
        _ => -1,
    };

    private static Last[] MakeLasts()
    {
        var lasts = new Last[256];
        for (var value = 0; value < lasts.Length; value++)
        {
            lasts[value] = value switch
            {
                0xE8 => Last.Call,
                0xE9 => Last.Jump,
                >= 0x80 and <= 0x8F => Last.Branch,
                _ when (value & 0xC7) == 0x05 => Last.Relative,
                _ => Last.Other,
            };
        }

        return lasts;
    }

    private static bool[] MakeOpcodes()
    {
        var opcodes = new bool[256];
        foreach (var opcode in (ReadOnlySpan<byte>)[0x8B, 0x89, 0x8A, 0x88, 0x3B, 0x39, 0x03, 0x2B, 0x63, 0x33, 0x85, 0xFF,
            0x83, 0x80, 0x81, 0xC7, 0xC6, 0x38, 0x3A, 0xF7, 0xF6])
        {
            opcodes[opcode] = true;
        }

        return opcodes;
    }

    /// <summary>What the byte before a field says.</summary>
    private enum Last : byte
    {
        Other,
        Call,
        Jump,
        Branch,
        Relative,
    }
}
