using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ChunkOta.Chunking;

/// <summary>
/// FastCDC 2020: cuts where a rolling hash of the last bytes matches a mask, so that equal content is cut alike.
/// </summary>
/// <remarks>
/// <para>A chunk's hash starts at 0 with the byte at the minimum length and takes in one byte at a time: twice itself
/// plus the byte's number in the gear table, modulo 2^64. The first byte after which the hash has no bit in common with
/// the mask begins the next chunk; the mask is strict before the average length and loose after it. A chunk without
/// such a byte ends at the maximum length.</para>
/// <para>Bytes are taken in pairs, as in the paper, so the last byte of an odd length is never hashed.</para>
/// </remarks>
internal static partial class FastCdc
{
    /// <summary>
    /// Length in bytes of the next chunk at the start of <paramref name="data"/>, or 0 when it is shorter than the
    /// maximum and <paramref name="isFinal"/> is false: bring more.
    /// </summary>
    /// <remarks>Pure; the same stream gives the same cuts however it is split. Never allocates.</remarks>
    /// <param name="data">The stream from the last cut onward.</param>
    /// <param name="parameters">Valid parameters.</param>
    /// <param name="isFinal">True if the stream ends with <paramref name="data"/>; 0 then means that it is
    /// empty.</param>
    /// <exception cref="ArgumentException">The parameters are invalid.</exception>
    public static int NextCut(ReadOnlySpan<byte> data, in CutParameters parameters, bool isFinal)
    {
        parameters.Validate();
        return NextCut(data, parameters, CutMasks.For(parameters.Average), isFinal, Avx512Kernel.IsSupported);
    }

    /// <summary>Finds the cut with masks of any level and either kernel, for valid parameters.</summary>
    internal static int NextCut(
        ReadOnlySpan<byte> data, in CutParameters parameters, CutMasks masks, bool isFinal, bool isWide)
    {
        if (data.Length < parameters.Max && !isFinal)
            return 0;
        if (data.Length <= parameters.Min)
            return data.Length;

        var chunk = data[..Math.Min(data.Length, parameters.Max)];
        var cut = parameters.Seed == 0
            ? Find(chunk, parameters, masks, GearTable.Values, isWide)
            : FindSeeded(chunk, parameters, masks, isWide);
        return cut < 0 ? chunk.Length : cut;
    }

    /// <summary>
    /// Makes the seeded table on the stack: 256 xors are nothing beside a chunk's 16,000 bytes.
    /// </summary>
    [SkipLocalsInit]
    private static int FindSeeded(ReadOnlySpan<byte> chunk, in CutParameters parameters, CutMasks masks, bool isWide)
    {
        Span<ulong> gear = stackalloc ulong[GearTable.Length];
        GearTable.CopySeeded(parameters.Seed, gear);
        return Find(chunk, parameters, masks, gear, isWide);
    }

    private static int Find(
        ReadOnlySpan<byte> chunk, in CutParameters parameters, CutMasks masks, ReadOnlySpan<ulong> gear, bool isWide)
    {
        var turn = Math.Min(parameters.Average, chunk.Length) & ~1;
        var cut = Find(chunk, parameters, parameters.Min, turn, masks.Strict, gear, isWide);
        return cut >= 0 ? cut : Find(chunk, parameters, turn, chunk.Length & ~1, masks.Loose, gear, isWide);
    }

    /// <summary>Index of the first byte in an even range after which the hash matches the mask, or -1.</summary>
    private static int Find(
        ReadOnlySpan<byte> chunk,
        in CutParameters parameters,
        int from,
        int to,
        ulong mask,
        ReadOnlySpan<ulong> gear,
        bool isWide)
    {
        if (isWide && to - from >= Avx512Kernel.BlockBytes)
        {
            var end = to;
            var cut = Avx512Kernel.Find(chunk, parameters.Min, from, ref end, mask, gear, parameters.Seed);
            if (cut >= 0)
                return cut;
            from = end;
        }

        return FindByPairs(chunk, from, to, mask, gear, HashBefore(chunk, parameters.Min, from, gear));
    }

    /// <summary>The hash of the bytes before <paramref name="at"/>, correct in all bits that masks have.</summary>
    /// <param name="chunk">The chunk from its first byte.</param>
    /// <param name="origin">Index at which the chunk's hash begins.</param>
    /// <param name="at">Not before <paramref name="origin"/>.</param>
    /// <param name="gear">The seeded table.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong HashBefore(ReadOnlySpan<byte> chunk, int origin, int at, ReadOnlySpan<ulong> gear)
    {
        ref var numbers = ref MemoryMarshal.GetReference(gear[..GearTable.Length]);
        var hash = 0UL;
        foreach (var value in chunk[Math.Max(origin, at - CutMasks.WindowBytes)..at])
            hash = (hash << 1) + Unsafe.Add(ref numbers, value);
        return hash;
    }

    /// <summary>The plain kernel, for any machine, and for ranges that are too short for the wide kernel.</summary>
    /// <remarks>
    /// Five instructions a byte, bound by their number. The paper's second table of shifted numbers and longer
    /// unrolling were tried and were no faster. References instead of spans, because the compiler does not see that a
    /// byte stays in the table. Optimized at once: a small publish ends before tiered compilation would.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int FindByPairs(
        ReadOnlySpan<byte> chunk, int from, int to, ulong mask, ReadOnlySpan<ulong> gear, ulong hash)
    {
        ref var bytes = ref MemoryMarshal.GetReference(chunk[..to]);
        ref var numbers = ref MemoryMarshal.GetReference(gear[..GearTable.Length]);
        for (nint i = from; i < to; i += 2)
        {
            hash = (hash << 1) + Unsafe.Add(ref numbers, Unsafe.Add(ref bytes, i));
            if ((hash & mask) == 0)
                return (int)i;
            hash = (hash << 1) + Unsafe.Add(ref numbers, Unsafe.Add(ref bytes, i + 1));
            if ((hash & mask) == 0)
                return (int)i + 1;
        }

        return -1;
    }
}
