using System.Numerics;

namespace ChunkOta.Chunking;

/// <summary>
/// Numbers below 2^63, coded as their bit length followed by the bits below the highest one: the upper six modelled,
/// the rest plain.
/// </summary>
/// <param name="contexts">Number of contexts, each with models of its own.</param>
internal sealed class NumberModel(int contexts)
{
    private const int Lengths = 64;
    private const int ModelledBits = 6;

    private readonly BitModel[] _lengths = BitModels.Make(contexts * Lengths);
    private readonly BitModel[] _bits = BitModels.Make(contexts * (Lengths << ModelledBits));

    /// <summary>Maps signed numbers to unsigned ones, small ones first: 0, -1, 1, -2…</summary>
    public static long Fold(long value) => (value << 1) ^ (value >> 63);

    /// <summary>Undoes <see cref="Fold"/>.</summary>
    public static long Unfold(long value) => (value >> 1) ^ -(value & 1);

    /// <summary>Codes a number.</summary>
    public long Code<TCoder>(ref TCoder coder, long value, int context = 0) where TCoder : struct, IBitCoder
    {
        var length = 64 - BitOperations.LeadingZeroCount((ulong)value);
        length = (int)coder.Tree(_lengths.AsSpan(context * Lengths, Lengths), (uint)length, 6);
        if (length <= 1)
            return length;

        var below = length - 1;
        var upper = Math.Min(below, ModelledBits);
        var models = _bits.AsSpan(((context * Lengths) + length) << ModelledBits, 1 << ModelledBits);
        var result = (1L << upper) | coder.Tree(models, (uint)((value >> (below - upper)) & ((1 << upper) - 1)), upper);
        for (var left = below - upper; left > 0;)
        {
            var take = Math.Min(left, 16);
            left -= take;
            result = (result << take) | coder.Bits((uint)((value >> left) & 0xFFFF) & ((1u << take) - 1), take);
        }

        return result;
    }

    /// <summary>Codes a signed number; numbers near 0 are the shortest.</summary>
    public long CodeSigned<TCoder>(ref TCoder coder, long value, int context = 0) where TCoder : struct, IBitCoder =>
        Unfold(Code(ref coder, Fold(value), context));

    /// <summary>Forgets everything that was learnt.</summary>
    public void Reset()
    {
        BitModels.Reset(_lengths);
        BitModels.Reset(_bits);
    }

    /// <summary>Adopts the state of a model with as many contexts.</summary>
    public void CopyFrom(NumberModel other)
    {
        other._lengths.CopyTo(_lengths.AsSpan());
        other._bits.CopyTo(_bits.AsSpan());
    }
}
