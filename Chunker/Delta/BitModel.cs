using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>How likely a bit is set, learnt from the bits seen: quickly at first, then less so.</summary>
internal struct BitModel
{
    private const int CountBits = 10;

    /// <summary>Low, since what is likely in one part of a program is not in the next: 255 makes deltas 2 to 7 % larger.</summary>
    private const uint Limit = 26;

    /// <summary>The probability in the upper 22 bits, how many bits were seen in the lower 10.</summary>
    private uint _state;

    private static readonly int[] Rates = MakeRates();

    /// <summary>Probability of a set bit in 65,536ths: 1 to 65,535.</summary>
    public readonly uint Probability
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Math.Clamp(_state >> 16, 1, 65_535);
    }

    /// <summary>Knows nothing yet.</summary>
    public static BitModel Unknown => new() { _state = 1u << 31 };

    /// <summary>Learns one bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update(int bit)
    {
        var count = _state & ((1u << CountBits) - 1);
        var probability = (int)(_state >> CountBits);
        var wanted = (-bit) & 0x3F_FFFF;
        probability += (int)(((long)(wanted - probability) * Rates[count]) >> 16);
        _state = ((uint)probability << CountBits) | (count < Limit ? count + 1 : count);
    }

    private static int[] MakeRates()
    {
        var rates = new int[Limit + 1];
        for (var count = 0; count < rates.Length; count++) rates[count] = (int)(65_536 / (count + 1.6));
        return rates;
    }
}
