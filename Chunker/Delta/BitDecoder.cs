using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>Reads what <see cref="BitEncoder"/> wrote. Any bytes decode to some bits; what they mean is for others to bound.</summary>
internal sealed class BitDecoder
{
    private readonly StoredReader _input;
    private uint _low;
    private uint _high = uint.MaxValue;
    private uint _code;

    /// <param name="input">Read by a buffer; no one else may read from it.</param>
    public BitDecoder(StoredReader input)
    {
        _input = input;
        for (var count = 0; count < 4; count++) _code = (_code << 8) | input.NextByte();
    }

    /// <summary>Bytes read so far.</summary>
    public long Position => _input.Position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Decode(uint probability)
    {
        var middle = _low + (uint)(((ulong)(_high - _low) * probability) >> 16);
        var bit = _code <= middle ? 1 : 0;
        if (bit != 0)
            _high = middle;
        else
            _low = middle + 1;
        while (((_low ^ _high) & 0xFF00_0000) == 0)
        {
            _low <<= 8;
            _high = (_high << 8) | 0xFF;
            _code = (_code << 8) | _input.NextByte();
        }

        return bit;
    }

    /// <summary>The coder that reads.</summary>
    internal readonly struct Coder(BitDecoder decoder) : IBitCoder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Bit(ref BitModel model, int bit)
        {
            bit = decoder.Decode(model.Probability);
            model.Update(bit);
            return bit;
        }

        public uint Bits(uint value, int count)
        {
            value = 0;
            for (var place = 0; place < count; place++) value = (value << 1) | (uint)decoder.Decode(1 << 15);
            return value;
        }
    }
}
