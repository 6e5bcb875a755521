using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>The likelihood of a set bit, learnt from the bits coded so far: fast at first, then more slowly.</summary>
internal struct BitModel
{
    private const int CountBits = 10;

    /// <summary>A low limit, because the statistics of a program change from part to part: 255 makes deltas 2 to 7 %
    /// larger.</summary>
    private const uint Limit = 26;

    /// <summary>The probability in the upper 22 bits, the number of bits seen in the lower 10.</summary>
    private uint _state;

    /// <summary>Weight of a new bit by the number of bits seen, in 65,536ths: 65,536 / (seen + 1.6).</summary>
    /// <remarks>Constant data: a table filled by a static constructor would be checked on every access.</remarks>
    private static ReadOnlySpan<ushort> Rates =>
    [
        40_960, 25_206, 18_204, 14_246, 11_702, 9929, 8623, 7620, 6826, 6182, 5649, 5201, 4818, 4488, 4201,
        3947, 3723, 3523, 3343, 3181, 3034, 2899, 2776, 2664, 2560, 2463, 2374, 2291, 2214, 2141, 2073, 2010,
    ];

    /// <summary>Probability of a set bit in 65,536ths: 1 to 65,535.</summary>
    public readonly uint Probability
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Math.Max(_state >> 16, 1);
    }

    /// <summary>A model that has seen nothing.</summary>
    public static BitModel Unknown => new() { _state = 1u << 31 };

    /// <summary>Learns one bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update(int bit)
    {
        var count = _state & ((1u << CountBits) - 1);
        var probability = (int)(_state >> CountBits);
        var wanted = (-bit) & 0x3F_FFFF;
        probability += (int)(((long)(wanted - probability) * Rates[(int)(count & 31)]) >> 16);
        _state = ((uint)probability << CountBits) | (count < Limit ? count + 1 : count);
    }
}

/// <summary>Arrays of bit models.</summary>
internal static class BitModels
{
    /// <summary>Makes models that have seen nothing.</summary>
    public static BitModel[] Make(int count)
    {
        var models = new BitModel[count];
        Reset(models);
        return models;
    }

    /// <summary>Forgets everything that the models have learnt.</summary>
    public static void Reset(Span<BitModel> models) => models.Fill(BitModel.Unknown);
}
