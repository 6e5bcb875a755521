using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ChunkOta.Chunking;

/// <summary>
/// An arithmetic decoder of single bits. Any bytes decode to some bits, so callers must check every number.
/// </summary>
internal sealed class BitDecoder
{
    private readonly StoredReader _input;
    private uint _low;
    private uint _high = uint.MaxValue;
    private uint _code;

    /// <param name="input">Read by this decoder alone.</param>
    public BitDecoder(StoredReader input)
    {
        _input = input;
        for (var count = 0; count < 4; count++) _code = (_code << 8) | input.NextByte();
    }

    /// <summary>Bytes read so far.</summary>
    public long Position => _input.Position;

    /// <summary>Decodes one bit.</summary>
    /// <param name="probability">Of a set bit, in 65,536ths.</param>
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

    /// <summary>
    /// Decodes a tree bit by bit with the state in registers, and without branching on the bits, which are hard to
    /// predict.
    /// </summary>
    private uint DecodeTree(Span<BitModel> models, int count)
    {
        var (low, high, code) = (_low, _high, _code);
        // Each step doubles the node and adds a bit: it stays below 2^count.
        ref var first = ref MemoryMarshal.GetReference(models[..(1 << count)]);
        uint node = 1;
        for (var left = count; left > 0; left--)
        {
            ref var model = ref Unsafe.Add(ref first, node);
            var bit = Split(ref low, ref high, code, model.Probability);
            model.Update(bit);
            node = (node << 1) | (uint)bit;
            while (((low ^ high) & 0xFF00_0000) == 0)
            {
                low <<= 8;
                high = (high << 8) | 0xFF;
                code = (code << 8) | _input.NextByte();
            }
        }

        (_low, _high, _code) = (low, high, code);
        return node & ((1u << count) - 1);
    }

    private uint DecodeBits(int count)
    {
        var (low, high, code) = (_low, _high, _code);
        uint value = 0;
        for (var left = count; left > 0; left--)
        {
            value = (value << 1) | (uint)Split(ref low, ref high, code, 1 << 15);
            while (((low ^ high) & 0xFF00_0000) == 0)
            {
                low <<= 8;
                high = (high << 8) | 0xFF;
                code = (code << 8) | _input.NextByte();
            }
        }

        (_low, _high, _code) = (low, high, code);
        return value;
    }

    /// <summary>Narrows the range to the part that contains the code, and returns the bit of that part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Split(ref uint low, ref uint high, uint code, uint probability)
    {
        var middle = low + (uint)(((ulong)(high - low) * probability) >> 16);
        var isUpper = (uint)((int)(((long)middle - code) >> 32));
        high ^= (high ^ middle) & ~isUpper;
        low ^= (low ^ (middle + 1)) & isUpper;
        return (int)(isUpper + 1);
    }

    /// <summary>Reads bits; the values it is given are ignored.</summary>
    internal readonly struct Coder(BitDecoder decoder) : IBitCoder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Bit(ref BitModel model, int bit)
        {
            bit = decoder.Decode(model.Probability);
            model.Update(bit);
            return bit;
        }

        public uint Tree(Span<BitModel> models, uint value, int count) => decoder.DecodeTree(models, count);

        public uint Bits(uint value, int count) => decoder.DecodeBits(count);
    }
}
