using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>An arithmetic coder of single bits without carries, with a buffer in front of its stream.</summary>
internal sealed class BitEncoder(Stream output)
{
    private readonly byte[] _buffer = new byte[1 << 14];
    private int _filled;
    private uint _low;
    private uint _high = uint.MaxValue;

    /// <summary>Bytes written so far; bits that are still open do not count.</summary>
    public long Position => output.Position + _filled;

    /// <summary>Forgets everything since the last <see cref="Finish"/>; the caller resets the stream.</summary>
    public void Restart() => (_filled, _low, _high) = (0, 0, uint.MaxValue);

    /// <summary>Saves the state, to return to it with <see cref="Restore"/>.</summary>
    public State Save()
    {
        Flush();
        return new State(output.Position, _low, _high);
    }

    /// <summary>Forgets everything since the state was saved, in the stream as well.</summary>
    public void Restore(State state)
    {
        _filled = 0;
        output.SetLength(state.Position);
        output.Position = state.Position;
        (_low, _high) = (state.Low, state.High);
    }

    /// <summary>Encodes one bit.</summary>
    /// <param name="probability">Of a set bit, in 65,536ths.</param>
    /// <param name="bit">0 or 1.</param>
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

    /// <summary>Writes the bytes that complete the open bits, and flushes the buffer.</summary>
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

    /// <summary>A saved state.</summary>
    /// <param name="Position">Length of the stream.</param>
    /// <param name="Low">Lower end of the range.</param>
    /// <param name="High">Upper end of the range.</param>
    internal readonly record struct State(long Position, uint Low, uint High);

    /// <summary>Writes the bits that it is given.</summary>
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
            for (var index = count - 1; index >= 0; index--)
                node = (node << 1) | (uint)Bit(ref models[(int)node], (int)((value >> index) & 1));
            return value;
        }

        public uint Bits(uint value, int count)
        {
            for (var index = count - 1; index >= 0; index--) encoder.Encode(1 << 15, (int)((value >> index) & 1));
            return value;
        }
    }
}
