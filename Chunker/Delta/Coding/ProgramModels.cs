using System.Buffers.Binary;

namespace ChunkOta.Chunking;

/// <summary>
/// How the differences of a program are coded: its addresses by where their targets moved to, the rest as words. Decoding
/// looks at the base's bytes, so each file stands for itself.
/// </summary>
internal sealed class ProgramModels
{
    /// <summary>A copy is coded in blocks of so many bytes; no field or word reaches over the end of one.</summary>
    public const int BlockBytes = 1 << 16;

    private const int MaxGuesses = AddressMap.Levels + 3;
    private const int Sources = 16;
    private const int RecentBits = 4;
    private const int GapContexts = 32;

    private readonly AddressMap _relative = new();
    private readonly AddressMap _absolute = new();
    private readonly CopyMap _copies = new();
    private readonly BitModel[] _fieldHits = BitModels.Make(ProgramFields.Kinds * Sources * 4 * MaxGuesses);
    private readonly BitModel[] _wordHits = BitModels.Make(Sources * 4 * MaxGuesses);
    private readonly BitModel[] _isRecent = BitModels.Make(8);
    private readonly BitModel[] _recentPlaces = BitModels.Make(2 << RecentBits);
    private readonly NumberModel _fieldValues = new(ProgramFields.Kinds);
    private readonly NumberModel _wordValues = new(4);
    private readonly NumberModel _gapModel = new(GapContexts);
    private readonly uint[] _recentShifts = new uint[1 << RecentBits];
    private readonly uint[] _recentWords = new uint[1 << RecentBits];
    private readonly int[] _history = new int[ProgramFields.Kinds + 1];
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
        _relative.Reset();
        _absolute.Reset();
        BitModels.Reset(_fieldHits);
        BitModels.Reset(_wordHits);
        BitModels.Reset(_isRecent);
        BitModels.Reset(_recentPlaces);
        _fieldValues.Reset();
        _wordValues.Reset();
        _gapModel.Reset();
        Array.Clear(_recentShifts);
        Array.Clear(_recentWords);
        Array.Clear(_history);
        _gaps.Clear();
        (_gap, _measured, _gapContext, DifferentBytes) = (0, 0, 0, 0);
    }

    /// <summary>Begins a section: where its copies go is known before what differs in them.</summary>
    public void BeginSection<TCoder>(ref TCoder coder, ReadOnlySpan<CopyStep> section, long targetStart)
        where TCoder : struct, IBitCoder
    {
        _copies.Set(section, targetStart);
        NextGap(ref coder);
    }

    /// <summary>Codes one block of a copy.</summary>
    /// <param name="coder">Writes or reads.</param>
    /// <param name="block">The base's bytes; become the target's.</param>
    /// <param name="made">The target's bytes, where the coder writes; else empty.</param>
    /// <param name="isFirst">Whether the block begins a copy.</param>
    /// <param name="place">Where the block stands in the base.</param>
    /// <param name="shift">How far its copy goes: place in the target minus place in the base.</param>
    public void Code<TCoder>(
        ref TCoder coder, Span<byte> block, ReadOnlySpan<byte> made, bool isFirst, long place, long shift)
        where TCoder : struct, IBitCoder
    {
        var old = Take(block, isFirst);
        for (var at = 0; at < block.Length;)
        {
            var fieldAt = NextField(old, at, place, out var kind, out var target);
            while (_gap < fieldAt - at)
            {
                at += (int)_gap;
                var width = Math.Min(DifferenceWord.Bytes, block.Length - at);
                var word = block.Slice(at, width);
                var difference = made.IsEmpty ? 0 : DifferenceWord.Of(made.Slice(at, width), word);
                DifferenceWord.Add(word, Word(ref coder, word, difference));
                DifferentBytes += width;
                at += width;
                NextGap(ref coder);
            }

            // A word may reach over where the field begins: then it is none.
            if (at > fieldAt)
                continue;
            _gap -= fieldAt - at;
            at = fieldAt;
            if (at == block.Length)
                break;
            var field = block.Slice(at, ProgramFields.Bytes);
            var was = BinaryPrimitives.ReadUInt32LittleEndian(field);
            var moved = made.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(made[at..]) - was + (uint)shift;
            moved = Field(ref coder, kind, target, (uint)shift, moved);
            BinaryPrimitives.WriteUInt32LittleEndian(field, was + moved - (uint)shift);
            at += ProgramFields.Bytes;
        }
    }

    /// <summary>Finds the words of a block that differ, outside fields, for a coder that writes.</summary>
    public void Measure(ReadOnlySpan<byte> block, ReadOnlySpan<byte> made, bool isFirst, long place)
    {
        var old = Take(block, isFirst);
        for (var at = 0; at < block.Length;)
        {
            var fieldAt = NextField(old, at, place, out _, out _);
            var same = block[at..fieldAt].CommonPrefixLength(made[at..fieldAt]);
            _measured += same;
            at += same;
            if (at < fieldAt)
            {
                _gaps.Enqueue(_measured);
                _measured = 0;
                at += Math.Min(DifferenceWord.Bytes, block.Length - at);
            }
            else
            {
                at += ProgramFields.Bytes;
            }
        }
    }

    /// <summary>Keeps the base's bytes of a block, and the last ones of the block before, which tell of fields.</summary>
    private ReadOnlySpan<byte> Take(ReadOnlySpan<byte> block, bool isFirst)
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

    /// <summary>Where the next field begins in a block, or the block's length.</summary>
    private int NextField(ReadOnlySpan<byte> old, int from, long place, out int kind, out uint target)
    {
        var length = old.Length - ProgramFields.Before;
        for (var at = from; ; at++)
        {
            at = ProgramFields.NextMark(_marks, at, length);
            if (at + ProgramFields.Bytes > length)
                break;
            kind = ProgramFields.KindAt(old, at + ProgramFields.Before, place + at, _baseBytes, out target);
            if (kind >= 0)
                return at;
        }

        (kind, target) = (-1, 0);
        return length;
    }

    private void NextGap<TCoder>(ref TCoder coder) where TCoder : struct, IBitCoder
    {
        if (!_gaps.TryDequeue(out var gap))
            (gap, _measured) = (_measured, 0);
        _gap = CodeGap(ref coder, gap);
    }

    private long CodeGap<TCoder>(ref TCoder coder, long gap) where TCoder : struct, IBitCoder
    {
        gap = _gapModel.Code(ref coder, gap, _gapContext);
        _gapContext = gap < 16 ? (int)gap : Math.Min(12 + System.Numerics.BitOperations.Log2((ulong)gap), GapContexts - 1);
        return gap;
    }

    /// <summary>Codes how far the target of a field moved.</summary>
    /// <remarks>Nearly always the first guess is right: what else could be guessed is looked up only when it is not.</remarks>
    private uint Field<TCoder>(ref TCoder coder, int kind, uint target, uint shift, uint moved) where TCoder : struct, IBitCoder
    {
        var isCopied = _copies.TryGetShift(target, out var copied);
        var nearest = _relative.Nearest(target, out var known);
        var guess = known;
        var source = 5 + nearest;
        if (isCopied)
        {
            var agrees = nearest < AddressMap.Levels && known == copied;
            source = nearest == 0 ? (agrees ? 0 : 1) : agrees ? 2 : nearest < 3 ? 3 : 4;
            guess = nearest == 0 ? known : copied;
        }
        else if (nearest == AddressMap.Levels)
        {
            guess = shift;
        }

        if (guess == shift && source < 5)
            source += 11;
        var history = _history[kind];
        var context = ((((kind * Sources) + source) * 4) + history) * MaxGuesses;
        if (coder.Bit(ref _fieldHits[context], moved == guess ? 1 : 0) == 0)
            return OtherField(ref coder, kind, context, target, shift, isCopied ? (copied, nearest == 0 ? 1 : 0) : null, moved);
        _history[kind] = (history << 1) & 3;
        if (guess != shift)
            DifferentBytes += 4;
        if (nearest != 0)
            _relative.Learn(target, guess);
        return guess;
    }

    /// <summary>Codes how far the target of a field moved, when the first guess is wrong.</summary>
    private uint OtherField<TCoder>(
        ref TCoder coder, int kind, int context, uint target, uint shift, (uint Shift, int Place)? copied, uint moved)
        where TCoder : struct, IBitCoder
    {
        Span<uint> guesses = stackalloc uint[MaxGuesses];
        var known = _relative.Guess(target, guesses);
        if (copied is { } copy)
        {
            var place = copy.Place == 0 ? 0 : known;
            guesses[place..known].CopyTo(guesses[(place + 1)..]);
            guesses[place] = copy.Shift;
            known++;
        }

        guesses[known++] = shift;
        known = Distinct(guesses[..known]);
        for (var guess = 1; guess < known; guess++)
        {
            if (coder.Bit(ref _fieldHits[context + guess], moved == guesses[guess] ? 1 : 0) == 0)
                continue;
            _history[kind] = ((_history[kind] << 1) | 1) & 3;
            if (guesses[guess] != shift)
                DifferentBytes += 4;
            _relative.Learn(target, guesses[guess]);
            return guesses[guess];
        }

        _history[kind] = 3;
        moved = Value(ref coder, _fieldValues, kind, _recentShifts, 0, guesses[0], moved);
        _relative.Learn(target, moved);
        DifferentBytes += 4;
        return moved;
    }

    /// <summary>Codes what is added to a word that differs.</summary>
    private uint Word<TCoder>(ref TCoder coder, ReadOnlySpan<byte> old, uint difference) where TCoder : struct, IBitCoder
    {
        const int Kind = ProgramFields.Kinds;
        var was = old.Length == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(old) : 0;
        var source = _absolute.Nearest(was, out var guess);
        var history = _history[Kind];
        var context = ((source * 4) + history) * MaxGuesses;
        if (source < AddressMap.Levels && coder.Bit(ref _wordHits[context], difference == guess ? 1 : 0) != 0)
        {
            _history[Kind] = (history << 1) & 3;
            difference = guess;
        }
        else
        {
            difference = OtherWord(ref coder, context, was, old.Length, difference);
        }

        _absolute.Learn(was, difference);
        return difference;
    }

    /// <summary>Codes what is added to a word, when the first guess is wrong or there is none.</summary>
    private uint OtherWord<TCoder>(ref TCoder coder, int context, uint was, int bytes, uint difference)
        where TCoder : struct, IBitCoder
    {
        Span<uint> guesses = stackalloc uint[MaxGuesses];
        const int Kind = ProgramFields.Kinds;
        var known = Distinct(guesses[.._absolute.Guess(was, guesses)]);
        for (var guess = 1; guess < known; guess++)
        {
            if (coder.Bit(ref _wordHits[context + guess], difference == guesses[guess] ? 1 : 0) == 0)
                continue;
            _history[Kind] = ((_history[Kind] << 1) | 1) & 3;
            return guesses[guess];
        }

        _history[Kind] = 3;
        return Value(ref coder, _wordValues, bytes - 1, _recentWords, 1, 0, difference);
    }

    private uint Value<TCoder>(
        ref TCoder coder, NumberModel model, int context, uint[] recent, int recentContext, uint near, uint value)
        where TCoder : struct, IBitCoder
    {
        var index = Array.IndexOf(recent, value);
        if (coder.Bit(ref _isRecent[recentContext], index >= 0 ? 1 : 0) != 0)
        {
            index = (int)coder.Tree(_recentPlaces.AsSpan(recentContext << RecentBits, 1 << RecentBits), (uint)index, RecentBits);
            value = recent[index];
        }
        else
        {
            value = near + (uint)model.CodeSigned(ref coder, (int)(value - near), context);
            index = recent.Length - 1;
        }

        recent.AsSpan(0, index).CopyTo(recent.AsSpan(1));
        recent[0] = value;
        return value;
    }

    private static int Distinct(Span<uint> values)
    {
        var count = 0;
        foreach (var value in values)
        {
            var at = 0;
            while (at < count && values[at] != value) at++;
            if (at == count)
                values[count++] = value;
        }

        return count;
    }
}
