using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>An arithmetic coder of single bits, carry-free: writes to a stream through a buffer of its own.</summary>
internal sealed class BitEncoder(Stream output)
{
    private readonly byte[] _buffer = new byte[1 << 14];
    private int _filled;
    private uint _low;
    private uint _high = uint.MaxValue;

    /// <summary>Bytes written so far, about.</summary>
    public long Position => output.Position + _filled;

    /// <summary>Forgets everything since the last <see cref="Finish"/>; the stream is for the caller to put back.</summary>
    public void Restart() => (_filled, _low, _high) = (0, 0, uint.MaxValue);

    /// <summary>As much as it takes to come back to this point.</summary>
    public (long Position, uint Low, uint High) Mark()
    {
        Flush();
        return (output.Position, _low, _high);
    }

    /// <summary>Forgets everything since the mark.</summary>
    public void Return((long Position, uint Low, uint High) mark)
    {
        _filled = 0;
        output.SetLength(mark.Position);
        output.Position = mark.Position;
        (_low, _high) = (mark.Low, mark.High);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Encode(uint probability, int bit)
    {
        var middle = _low + (uint)(((ulong)(_high - _low) * probability) >> 16);
        if (bit != 0)
            _high = middle;
        else
            _low = middle + 1;
        while (((_low ^ _high) & 0xFF00_0000) == 0) Shift();
    }

    /// <summary>Writes what tells the last bits from any others, and all that is buffered.</summary>
    public void Finish()
    {
        for (var count = 0; count < 4; count++)
        {
            Put((byte)(_low >> 24));
            _low <<= 8;
        }

        (_low, _high) = (0, uint.MaxValue);
        Flush();
    }

    private void Shift()
    {
        Put((byte)(_high >> 24));
        _low <<= 8;
        _high = (_high << 8) | 0xFF;
    }

    private void Put(byte value)
    {
        if (_filled == _buffer.Length)
            Flush();
        _buffer[_filled++] = value;
    }

    private void Flush()
    {
        output.Write(_buffer, 0, _filled);
        _filled = 0;
    }

    /// <summary>The coder that writes.</summary>
    internal readonly struct Coder(BitEncoder encoder) : IBitCoder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Bit(ref BitModel model, int bit)
        {
            encoder.Encode(model.Probability, bit);
            model.Update(bit);
            return bit;
        }

        public uint Tree(Span<BitModel> models, uint value, int count)
        {
            uint node = 1;
            for (var place = count - 1; place >= 0; place--)
                node = (node << 1) | (uint)Bit(ref models[(int)node], (int)((value >> place) & 1));
            return value;
        }

        public uint Bits(uint value, int count)
        {
            for (var place = count - 1; place >= 0; place--) encoder.Encode(1 << 15, (int)((value >> place) & 1));
            return value;
        }
    }
}
