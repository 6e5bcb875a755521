using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ChunkOta.Chunking;

/// <summary>
/// Finds bytes that look like a relative address in x86-64 code: four bytes after a call, a jump or an instruction with
/// a relative operand. There is no disassembler: a false positive costs a little and does no harm.
/// </summary>
internal static class ProgramFields
{
    /// <summary>Number of kinds; a kind selects models.</summary>
    public const int Kinds = 6;

    /// <summary>
    /// Instructions whose next byte can announce a relative operand: 03 2B 33 38 39 3A 3B 63 80 81 83 85 88 89 8A 8B C6
    /// C7 F6 F7 FF. Each upper half in this list has a bit; each lower half has the bits of its upper halves.
    /// </summary>
    private static ReadOnlySpan<byte> UpperHalves => [1, 0, 2, 4, 0, 0, 8, 0, 16, 0, 0, 0, 32, 0, 0, 64];

    private static ReadOnlySpan<byte> LowerHalves => [16, 16, 0, 29, 0, 16, 96, 96, 20, 20, 20, 22, 0, 0, 0, 64];

    /// <summary>Length of a field.</summary>
    public const int Bytes = 4;

    /// <summary>Bytes before a field that decide its kind.</summary>
    public const int Before = 3;

    /// <summary>Programs also refer to memory beyond their file, which starts out as zeros.</summary>
    private const int SlackBytes = 16 << 20;

    /// <summary>The kind of field that begins at <paramref name="index"/>, or -1.</summary>
    /// <param name="old">Bytes of the base.</param>
    /// <param name="index">At least <see cref="Before"/>; four bytes follow.</param>
    /// <param name="baseOffset">The same position as an offset in the base.</param>
    /// <param name="baseBytes">Length of the base.</param>
    /// <param name="operand">Receives the address that the field refers to, as an offset in the base.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int KindAt(ReadOnlySpan<byte> old, int index, long baseOffset, long baseBytes, out uint operand)
    {
        operand = 0;
        var kind = KindBefore(old[index - 1], old[index - 2], old[index - 3]);
        if (kind < 0)
            return -1;
        var reach = (int)BinaryPrimitives.ReadUInt32LittleEndian(old[index..]);
        var referred = baseOffset + 4 + reach;
        if (referred < 0 || referred >= baseBytes + SlackBytes || reach is > -4 and < 4)
            return -1;
        operand = (uint)referred;
        return kind;
    }

    /// <summary>Marks the bytes at which a field may begin; <see cref="KindAt"/> decides.</summary>
    /// <param name="old">Bytes of the base, <see cref="Before"/> of them before the block.</param>
    /// <param name="baseBytes">Length of the base.</param>
    /// <param name="marks">Receives a bit for each byte of the block, lowest first; bits after its end are 0.</param>
    public static void Mark(ReadOnlySpan<byte> old, long baseBytes, Span<ulong> marks)
    {
        var length = old.Length - Before;
        marks[..((length + 63) / 64)].Clear();
        ref var first = ref MemoryMarshal.GetReference(old);
        // No field reaches further than the length of base and slack. The field's highest byte therefore rules out most
        // bytes that only look like an instruction, above all in text.
        var reach = Vector128.Create((byte)(Math.Min(baseBytes + SlackBytes, int.MaxValue) >> 24));
        var most = reach + reach + Vector128<byte>.One;
        var at = 0;
        for (; at + Vector128<byte>.Count + Bytes <= length; at += Vector128<byte>.Count)
        {
            var last = Vector128.LoadUnsafe(ref first, (nuint)(at + Before - 1));
            var second = Vector128.LoadUnsafe(ref first, (nuint)(at + Before - 2));
            var third = Vector128.LoadUnsafe(ref first, (nuint)(at + Before - 3));
            var highest =
                Vector128.LoadUnsafe(ref first, (nuint)(at + Before + Bytes - 1)) + reach + Vector128<byte>.One;
            var relative = Vector128.Equals(second, Vector128.Create((byte)0x8D))
                    & Vector128.Equals(third & Vector128.Create((byte)0xF8), Vector128.Create((byte)0x48))
                | Vector128.Equals(third, Vector128.Create((byte)0x0F))
                | AreOpcodes(second);
            var may = Vector128.Equals(last & Vector128.Create((byte)0xFE), Vector128.Create((byte)0xE8))
                | (Vector128.Equals(last & Vector128.Create((byte)0xC7), Vector128.Create((byte)0x05)) & relative)
                | (Vector128.Equals(last & Vector128.Create((byte)0xF0), Vector128.Create((byte)0x80))
                    & Vector128.Equals(second, Vector128.Create((byte)0x0F)));
            may &= Vector128.Equals(Vector128.Min(highest, most), highest);
            marks[at / 64] |= (ulong)may.ExtractMostSignificantBits() << (at % 64);
        }

        for (; at < length; at++)
        {
            if (KindBefore(old[at + Before - 1], old[at + Before - 2], old[at + Before - 3]) >= 0)
                marks[at / 64] |= 1UL << (at % 64);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> AreOpcodes(Vector128<byte> bytes)
    {
        var found = LookUp(Vector128.Create(UpperHalves), bytes >>> 4)
            & LookUp(Vector128.Create(LowerHalves), bytes & Vector128.Create((byte)15));
        return ~Vector128.Equals(found, Vector128<byte>.Zero);
    }

    /// <summary>The bytes of a table at indexes from 0 to 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> LookUp(Vector128<byte> table, Vector128<byte> indexes) =>
        Ssse3.IsSupported ? Ssse3.Shuffle(table, indexes)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.VectorTableLookup(table, indexes)
        : Vector128.Shuffle(table, indexes);

    /// <summary>Index of the first mark at or after an index; <paramref name="length"/> if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int KindBefore(byte last, byte second, byte third) =>
        (last & 0xC7) == 0x05
            ? second == 0x8D && (third & 0xF8) == 0x48 ? 3
            : (UpperHalves[second >> 4] & LowerHalves[second & 15]) != 0 ? 4
            : third == 0x0F ? 5 : -1
        : last == 0xE8 ? 0
        : last == 0xE9 ? 1
        : (last & 0xF0) == 0x80 && second == 0x0F ? 2 : -1;
}
