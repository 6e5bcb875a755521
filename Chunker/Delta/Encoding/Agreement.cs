using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ChunkOta.Chunking;

/// <summary>Compares two byte ranges many bytes at a time.</summary>
/// <remarks>Each method equals a loop over single bytes, which <c>AgreementTests</c> has.</remarks>
internal static class Agreement
{
    /// <summary>Bytes compared at once.</summary>
    public const int BlockBytes = 64;

    /// <summary>A backward copy ends this far below its best score.</summary>
    private const int MaxBackwardLoss = 4096;

    /// <summary>Returns a set bit for each of 64 bytes that agree, the first lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ref byte one, ref byte other)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Vector512.Equals(Vector512.LoadUnsafe(ref one), Vector512.LoadUnsafe(ref other))
                .ExtractMostSignificantBits();
        }

        return Half(ref one, ref other)
            | ((ulong)Half(ref Unsafe.Add(ref one, 32), ref Unsafe.Add(ref other, 32)) << 32);
    }

    /// <summary>Returns a set bit for each of up to 64 bytes that agree.</summary>
    public static ulong Of(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.Length >= BlockBytes)
            return Of(ref MemoryMarshal.GetReference(one), ref MemoryMarshal.GetReference(other));
        var agree = 0UL;
        for (var at = 0; at < one.Length; at++) agree |= (one[at] == other[at] ? 1UL : 0) << at;
        return agree;
    }

    /// <summary>
    /// Length of the prefix of two ranges of one length with the highest score: equal bytes minus others.
    /// </summary>
    public static int BestPrefix(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        var (best, bestScore, score) = (0, 0, 0);
        for (var at = 0; at < one.Length; at += BlockBytes)
        {
            var count = Math.Min(one.Length - at, BlockBytes);
            var agree = Of(one[at..], other[at..]);
            if (score + BitOperations.PopCount(agree) > bestScore)
                Climb(agree, count, at, score, ref best, ref bestScore);
            score += (2 * BitOperations.PopCount(agree)) - count;
        }

        return best;
    }

    /// <summary>Length of the suffix with the highest score; the search ends far below the best.</summary>
    public static int BestSuffix(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        var (best, bestScore, score) = (0, 0, 0);
        for (var at = 0; at < one.Length && score >= bestScore - MaxBackwardLoss; at += BlockBytes)
        {
            var count = Math.Min(one.Length - at, BlockBytes);
            var start = one.Length - at - count;
            var agree = Reverse(Of(one.Slice(start, count), other.Slice(start, count))) >> (BlockBytes - count);
            if (score + BitOperations.PopCount(agree) > bestScore)
                Climb(agree, count, at, score, ref best, ref bestScore);
            score += (2 * BitOperations.PopCount(agree)) - count;
        }

        return best;
    }

    /// <summary>Follows the score through a block, from one run of equal bytes to the next.</summary>
    private static void Climb(ulong agree, int count, int at, int score, ref int best, ref int bestScore)
    {
        for (var done = 0; done < count;)
        {
            var rest = agree >> done;
            var apart = Math.Min(BitOperations.TrailingZeroCount(rest), count - done);
            score -= apart;
            done += apart;
            if (done == count)
                return;
            var alike = BitOperations.TrailingZeroCount(~(agree >> done));
            score += alike;
            done += alike;
            if (score > bestScore)
                (best, bestScore) = (at + done, score);
        }
    }

    private static ulong Reverse(ulong bits)
    {
        bits = ((bits >> 1) & 0x5555_5555_5555_5555) | ((bits & 0x5555_5555_5555_5555) << 1);
        bits = ((bits >> 2) & 0x3333_3333_3333_3333) | ((bits & 0x3333_3333_3333_3333) << 2);
        bits = ((bits >> 4) & 0x0F0F_0F0F_0F0F_0F0F) | ((bits & 0x0F0F_0F0F_0F0F_0F0F) << 4);
        return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Half(ref byte one, ref byte other) => Vector256.IsHardwareAccelerated
        ? Vector256.Equals(Vector256.LoadUnsafe(ref one), Vector256.LoadUnsafe(ref other)).ExtractMostSignificantBits()
        : Quarter(ref one, ref other) | (Quarter(ref Unsafe.Add(ref one, 16), ref Unsafe.Add(ref other, 16)) << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Quarter(ref byte one, ref byte other) =>
        Vector128.Equals(Vector128.LoadUnsafe(ref one), Vector128.LoadUnsafe(ref other)).ExtractMostSignificantBits();
}
