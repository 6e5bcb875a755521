using System.Buffers.Binary;

namespace ChunkOta.Chunking;

/// <summary>One block of a copy.</summary>
/// <param name="BaseOffset">Offset of the block in the base.</param>
/// <param name="Shift">Offset in the target minus offset in the base, of the whole copy.</param>
/// <param name="IsFirst">True for the first block of its copy.</param>
internal readonly record struct CopyBlock(long BaseOffset, long Shift, bool IsFirst);

/// <summary>
/// The coding of the differences of a program: address fields by where their operands moved to, the rest as words.
/// Decoding looks at the base's bytes, so each file is coded on its own.
/// </summary>
internal sealed class ProgramModels
{
    /// <summary>Length of the blocks in which a copy is coded; no field or word crosses the end of one.</summary>
    public const int BlockBytes = 1 << 16;

    private const int GapContexts = 32;

    private readonly FieldModel _fields = new();
    private readonly WordModel _words = new();
    private readonly NumberModel _gapModel = new(GapContexts);
    private readonly byte[] _old = new byte[ProgramFields.Before + BlockBytes];
    private readonly ulong[] _marks = new ulong[BlockBytes / 64];
    private readonly Queue<long> _gaps = [];
    private int _gapContext;
    private long _baseBytes;
    private long _gap;
    private long _measured;

    /// <summary>Bytes in fields and words that were changed so far.</summary>
    public long DifferentBytes { get; private set; }

    /// <summary>Begins a file, knowing nothing of it.</summary>
    /// <param name="baseBytes">Length of the base.</param>
    public void Reset(long baseBytes)
    {
        _baseBytes = baseBytes;
        _fields.Reset();
        _words.Reset();
        _gapModel.Reset();
        _gaps.Clear();
        (_gap, _measured, _gapContext, DifferentBytes) = (0, 0, 0, 0);
    }

    /// <summary>Begins a section: the destinations of its copies are known before their differences.</summary>
    public void BeginSection<TCoder>(ref TCoder coder, ReadOnlySpan<CopyStep> section, long targetStart)
        where TCoder : struct, IBitCoder
    {
        _fields.SetCopies(section, targetStart);
        NextGap(ref coder);
    }

    /// <summary>Decodes one block of a copy.</summary>
    /// <param name="coder">Reads.</param>
    /// <param name="block">The base's bytes; become the target's.</param>
    /// <param name="at">The block's offsets.</param>
    public void Read<TCoder>(ref TCoder coder, Span<byte> block, CopyBlock at) where TCoder : struct, IBitCoder =>
        Code(ref coder, block, [], at);

    /// <summary>Encodes one block of a copy, which <see cref="Measure"/> has seen.</summary>
    /// <param name="coder">Writes.</param>
    /// <param name="block">The base's bytes; become the target's.</param>
    /// <param name="made">The target's bytes.</param>
    /// <param name="at">The block's offsets.</param>
    public void Write<TCoder>(ref TCoder coder, Span<byte> block, ReadOnlySpan<byte> made, CopyBlock at)
        where TCoder : struct, IBitCoder => Code(ref coder, block, made, at);

    /// <summary>Finds the words of a block that differ outside address fields, before it is encoded.</summary>
    public void Measure(ReadOnlySpan<byte> block, ReadOnlySpan<byte> made, CopyBlock at)
    {
        var old = Remember(block, at.IsFirst);
        for (var index = 0; index < block.Length;)
        {
            var fieldIndex = NextField(old, index, at.BaseOffset, out _, out _);
            var same = block[index..fieldIndex].CommonPrefixLength(made[index..fieldIndex]);
            _measured += same;
            index += same;
            if (index < fieldIndex)
            {
                _gaps.Enqueue(_measured);
                _measured = 0;
                index += Math.Min(DifferenceWord.Bytes, block.Length - index);
            }
            else
            {
                index += ProgramFields.Bytes;
            }
        }
    }

    private void Code<TCoder>(ref TCoder coder, Span<byte> block, ReadOnlySpan<byte> made, CopyBlock at)
        where TCoder : struct, IBitCoder
    {
        var old = Remember(block, at.IsFirst);
        var shift = (uint)at.Shift;
        for (var index = 0; index < block.Length;)
        {
            var fieldIndex = NextField(old, index, at.BaseOffset, out var kind, out var operand);
            while (_gap < fieldIndex - index)
            {
                index += (int)_gap;
                var width = Math.Min(DifferenceWord.Bytes, block.Length - index);
                var word = block.Slice(index, width);
                var difference = made.IsEmpty ? 0 : DifferenceWord.Of(made.Slice(index, width), word);
                DifferenceWord.Add(word, _words.Code(ref coder, word, difference));
                DifferentBytes += width;
                index += width;
                NextGap(ref coder);
            }

            // A word may cover the start of a field, which then does not count as one.
            if (index > fieldIndex)
                continue;
            _gap -= fieldIndex - index;
            index = fieldIndex;
            if (index == block.Length)
                break;
            var field = block.Slice(index, ProgramFields.Bytes);
            var was = BinaryPrimitives.ReadUInt32LittleEndian(field);
            var moved = made.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(made[index..]) - was + shift;
            moved = _fields.Code(ref coder, new AddressField(kind, operand, shift), moved);
            BinaryPrimitives.WriteUInt32LittleEndian(field, was + moved - shift);
            if (moved != shift)
                DifferentBytes += ProgramFields.Bytes;
            index += ProgramFields.Bytes;
        }
    }

    private void NextGap<TCoder>(ref TCoder coder) where TCoder : struct, IBitCoder
    {
        if (!_gaps.TryDequeue(out var gap))
            (gap, _measured) = (_measured, 0);
        _gap = _gapModel.Code(ref coder, gap, _gapContext);
        _gapContext = _gap < 16
            ? (int)_gap
            : Math.Min(12 + System.Numerics.BitOperations.Log2((ulong)_gap), GapContexts - 1);
    }

    /// <summary>
    /// Keeps the base's bytes of a block, after the last bytes of the block before: fields depend on both.
    /// </summary>
    private ReadOnlySpan<byte> Remember(ReadOnlySpan<byte> block, bool isFirst)
    {
        if (isFirst)
            _old.AsSpan(0, ProgramFields.Before).Clear();
        else
            _old.AsSpan(BlockBytes, ProgramFields.Before).CopyTo(_old);
        block.CopyTo(_old.AsSpan(ProgramFields.Before));
        var old = _old.AsSpan(0, ProgramFields.Before + block.Length);
        ProgramFields.Mark(old, _baseBytes, _marks);
        return old;
    }

    /// <summary>Index in a block at which the next field begins, or the block's length.</summary>
    private int NextField(ReadOnlySpan<byte> old, int from, long baseOffset, out int kind, out uint operand)
    {
        var length = old.Length - ProgramFields.Before;
        for (var index = from; ; index++)
        {
            index = ProgramFields.NextMark(_marks, index, length);
            if (index + ProgramFields.Bytes > length)
                break;
            kind = ProgramFields.KindAt(
                old, index + ProgramFields.Before, baseOffset + index, _baseBytes, out operand);
            if (kind >= 0)
                return index;
        }

        (kind, operand) = (-1, 0);
        return length;
    }
}
