using System.Buffers.Binary;

namespace ChunkOta.Chunking;

/// <summary>
/// Codes the differences of words outside address fields: what equal words changed by, and words like them.
/// </summary>
internal sealed class WordModel
{
    private readonly AddressMap _changes = new();
    private readonly BitModel[] _hits = BitModels.Make(GuessContext.Count(kinds: 1));
    private readonly NumberModel _values = new(DifferenceWord.Bytes);
    private readonly RecentValues _recent = new();
    private BitModel _isRecent = BitModel.Unknown;
    private int _history;

    /// <summary>Begins a file, knowing nothing of it.</summary>
    public void Reset()
    {
        _changes.Reset();
        BitModels.Reset(_hits);
        _values.Reset();
        _recent.Reset();
        (_isRecent, _history) = (BitModel.Unknown, 0);
    }

    /// <summary>Codes what is added to a word that differs.</summary>
    /// <param name="coder">Writes or reads.</param>
    /// <param name="old">The base's bytes; fewer than four at the end of a block.</param>
    /// <param name="difference">As <see cref="DifferenceWord"/> counts it.</param>
    public uint Code<TCoder>(ref TCoder coder, ReadOnlySpan<byte> old, uint difference)
        where TCoder : struct, IBitCoder
    {
        var word = old.Length == DifferenceWord.Bytes ? BinaryPrimitives.ReadUInt32LittleEndian(old) : 0;
        var level = _changes.Nearest(word, out var guess);
        var context = new GuessContext(kind: 0, level, _history);
        if (level < AddressMap.Levels && coder.Bit(ref _hits[context[0]], difference == guess ? 1 : 0) != 0)
        {
            _history = GuessContext.AfterFirst(_history);
            difference = guess;
        }
        else
        {
            difference = CodeOther(ref coder, context, word, old.Length, difference);
        }

        _changes.Learn(word, difference);
        return difference;
    }

    /// <summary>Codes a difference when the first guess is wrong or there is none.</summary>
    private uint CodeOther<TCoder>(ref TCoder coder, GuessContext context, uint word, int wordBytes, uint difference)
        where TCoder : struct, IBitCoder
    {
        Span<uint> guesses = stackalloc uint[GuessContext.MaxGuesses];
        var count = GuessContext.KeepDistinct(guesses[.._changes.Guess(word, guesses)]);
        for (var guess = 1; guess < count; guess++)
        {
            if (coder.Bit(ref _hits[context[guess]], difference == guesses[guess] ? 1 : 0) == 0)
                continue;
            _history = GuessContext.AfterOther(_history);
            return guesses[guess];
        }

        _history = GuessContext.Missed;
        var index = _recent.Find(difference);
        if (coder.Bit(ref _isRecent, index >= 0 ? 1 : 0) != 0)
            return _recent.CodeIndex(ref coder, index);
        difference = (uint)_values.CodeSigned(ref coder, (int)difference, wordBytes - 1);
        _recent.Add(difference);
        return difference;
    }
}
