using System.Numerics;

namespace ChunkOta.Chunking;

/// <summary>
/// Numbers below 2^63, coded as their bit length, then the bits below the highest: the upper six modelled, the rest plain.
/// </summary>
/// <param name="contexts">Circumstances in which lengths differ.</param>
internal sealed class NumberModel(int contexts)
{
    private const int Lengths = 64;
    private const int ModelledBits = 6;

    private readonly BitModel[] _lengths = BitModels.Make(contexts * Lengths);
    private readonly BitModel[] _bits = BitModels.Make(contexts * (Lengths << ModelledBits));

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

    /// <summary>Codes a number of either sign, small ones shortest.</summary>
    public long CodeSigned<TCoder>(ref TCoder coder, long value, int context = 0) where TCoder : struct, IBitCoder =>
        StepModels.Unfold(Code(ref coder, StepModels.Fold(value), context));

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        BitModels.Reset(_lengths);
        BitModels.Reset(_bits);
    }

    /// <summary>Takes over what another of the same shape has learnt.</summary>
    public void CopyFrom(NumberModel other)
    {
        other._lengths.CopyTo(_lengths.AsSpan());
        other._bits.CopyTo(_bits.AsSpan());
    }
}

/// <summary>Groups of bit models.</summary>
internal static class BitModels
{
    /// <summary>Models that know nothing yet.</summary>
    public static BitModel[] Make(int count)
    {
        var models = new BitModel[count];
        Reset(models);
        return models;
    }

    /// <summary>Forgets everything.</summary>
    public static void Reset(Span<BitModel> models) => models.Fill(BitModel.Unknown);
}
