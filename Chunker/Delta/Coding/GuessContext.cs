using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>The models of one row of guesses: by kind, by the evidence for the first guess, and by recent success.</summary>
internal readonly struct GuessContext
{
    /// <summary>Guesses of a row: the neighbourhoods, a copy and the unchanged field, and one to spare.</summary>
    public const int MaxGuesses = AddressMap.Levels + 3;

    /// <summary>The last two rows missed: the worst history.</summary>
    public const int Missed = Histories - 1;

    /// <summary>Two bits, the last row lowest: 0 for a first guess that was right.</summary>
    private const int Histories = 4;

    private readonly int _first;

    /// <param name="kind">Kind of field; 0 where there is one kind.</param>
    /// <param name="source">Evidence for the first guess: below <see cref="GuessSources.Count"/>.</param>
    /// <param name="history">Recent success with this kind.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public GuessContext(int kind, int source, int history)
    {
        Debug.Assert(kind is >= 0 and < ProgramFields.Kinds, "the kind is known");
        Debug.Assert(source is >= 0 and < GuessSources.Count, "the source is known");
        Debug.Assert(history is >= 0 and < Histories, "the history is two bits");
        _first = ((((kind * GuessSources.Count) + source) * Histories) + history) * MaxGuesses;
    }

    /// <summary>Index of the model of a guess.</summary>
    public int this[int guess]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Debug.Assert(guess is >= 0 and < MaxGuesses, "the guess is in the row");
            return _first + guess;
        }
    }

    /// <summary>Models that all contexts of some kinds need.</summary>
    public static int Count(int kinds) => kinds * GuessSources.Count * Histories * MaxGuesses;

    /// <summary>The history after a row whose first guess was right.</summary>
    public static int AfterFirst(int history) => (history << 1) & (Histories - 1);

    /// <summary>The history after a row of which another guess was right.</summary>
    public static int AfterOther(int history) => ((history << 1) | 1) & (Histories - 1);

    /// <summary>Keeps the first of equal guesses.</summary>
    /// <returns>Number of guesses kept, at the start of <paramref name="guesses"/>.</returns>
    public static int KeepDistinct(Span<uint> guesses)
    {
        var count = 0;
        foreach (var guess in guesses)
        {
            var index = 0;
            while (index < count && guesses[index] != guess) index++;
            if (index == count)
                guesses[count++] = guess;
        }

        return count;
    }
}
