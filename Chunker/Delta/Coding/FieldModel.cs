namespace ChunkOta.Chunking;

/// <summary>An address field of the base: the address it refers to, and the move of the field itself.</summary>
/// <param name="Kind">Kind of instruction: see <see cref="ProgramFields"/>.</param>
/// <param name="Operand">The address it refers to, as an offset in the base.</param>
/// <param name="Shift">Offset in the target minus offset in the base, of the copy that takes the field.</param>
internal readonly record struct AddressField(int Kind, uint Operand, uint Shift);

/// <summary>Codes how far the operands of address fields moved, by what is known of the bytes around them.</summary>
internal sealed class FieldModel
{
    private readonly AddressMap _moves = new();
    private readonly CopyMap _copies = new();
    private readonly BitModel[] _hits = BitModels.Make(GuessContext.Count(ProgramFields.Kinds));
    private readonly int[] _history = new int[ProgramFields.Kinds];
    private readonly NumberModel _values = new(ProgramFields.Kinds);
    private readonly RecentValues _recent = new();
    private BitModel _isRecent = BitModel.Unknown;

    /// <summary>Begins a file, knowing nothing of it.</summary>
    public void Reset()
    {
        _moves.Reset();
        BitModels.Reset(_hits);
        Array.Clear(_history);
        _values.Reset();
        _recent.Reset();
        _isRecent = BitModel.Unknown;
    }

    /// <summary>Begins a section, whose copies tell where most operands moved to.</summary>
    public void SetCopies(ReadOnlySpan<CopyStep> section, long targetStart) => _copies.Set(section, targetStart);

    /// <summary>Codes how far the operand of a field moved.</summary>
    /// <remarks>The first guess is nearly always right: the others are looked up only when it is not.</remarks>
    public uint Code<TCoder>(ref TCoder coder, AddressField field, uint moved) where TCoder : struct, IBitCoder
    {
        var isCopied = _copies.TryGetShift(field.Operand, out var copied);
        var level = _moves.Nearest(field.Operand, out var known);
        var isSeen = level == 0;
        var guess = isSeen ? known
            : isCopied ? copied
            : level == AddressMap.Levels ? field.Shift
            : known;
        var agrees = level < AddressMap.Levels && known == copied;
        var source = GuessSources.Classify(isCopied, level, agrees, guess == field.Shift);
        var history = _history[field.Kind];
        var context = new GuessContext(field.Kind, (int)source, history);
        if (coder.Bit(ref _hits[context[0]], moved == guess ? 1 : 0) == 0)
            return CodeOther(ref coder, field, context, isCopied ? copied : null, isSeen, moved);
        _history[field.Kind] = GuessContext.AfterFirst(history);
        if (!isSeen)
            _moves.Learn(field.Operand, guess);
        return guess;
    }

    /// <summary>Codes how far an operand moved when the first guess is wrong.</summary>
    private uint CodeOther<TCoder>(
        ref TCoder coder, AddressField field, GuessContext context, uint? copied, bool isSeen, uint moved)
        where TCoder : struct, IBitCoder
    {
        Span<uint> guesses = stackalloc uint[GuessContext.MaxGuesses];
        var count = FindGuesses(field, copied, isSeen, guesses);
        ref var history = ref _history[field.Kind];
        for (var guess = 1; guess < count; guess++)
        {
            if (coder.Bit(ref _hits[context[guess]], moved == guesses[guess] ? 1 : 0) == 0)
                continue;
            history = GuessContext.AfterOther(history);
            _moves.Learn(field.Operand, guesses[guess]);
            return guesses[guess];
        }

        history = GuessContext.Missed;
        moved = CodeValue(ref coder, field.Kind, guesses[0], moved);
        _moves.Learn(field.Operand, moved);
        return moved;
    }

    /// <summary>Collects the distinct guesses, the first guess first.</summary>
    private int FindGuesses(AddressField field, uint? copied, bool isSeen, Span<uint> guesses)
    {
        var count = _moves.Guess(field.Operand, guesses);
        if (copied is { } shift)
        {
            // If the operand was seen before, its own move is the first guess and the copy comes after all neighbours.
            var index = isSeen ? count : 0;
            guesses[index..count].CopyTo(guesses[(index + 1)..]);
            guesses[index] = shift;
            count++;
        }

        guesses[count++] = field.Shift;
        return GuessContext.KeepDistinct(guesses[..count]);
    }

    private uint CodeValue<TCoder>(ref TCoder coder, int kind, uint near, uint moved) where TCoder : struct, IBitCoder
    {
        var index = _recent.Find(moved);
        if (coder.Bit(ref _isRecent, index >= 0 ? 1 : 0) != 0)
            return _recent.CodeIndex(ref coder, index);
        moved = near + (uint)_values.CodeSigned(ref coder, (int)(moved - near), kind);
        _recent.Add(moved);
        return moved;
    }
}
