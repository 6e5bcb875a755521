using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>
/// The evidence for the first guess of how far the operand of an address field moved. It selects the models of the
/// guess, so the numbers are part of the format.
/// </summary>
internal enum GuessSource
{
    /// <summary>The operand was seen before, and the copy that takes its bytes moves them as far.</summary>
    SeenAndCopied = 0,

    /// <summary>The operand was seen before and moved otherwise than the copy that takes its bytes.</summary>
    SeenNotAsCopied = 1,

    /// <summary>A copy takes the operand's bytes, and its nearest neighbour moved as far.</summary>
    CopiedAsNeighbour = 2,

    /// <summary>A copy takes the operand's bytes; a neighbour within 1 KiB moved otherwise.</summary>
    CopiedNotAsNeighbour = 3,

    /// <summary>
    /// A copy takes the operand's bytes; only distant neighbours, or none, are known, and moved otherwise.
    /// </summary>
    CopiedAlone = 4,

    /// <summary>
    /// The operand was seen before; no copy of this section takes its bytes. So in all cases up to 10.
    /// </summary>
    Seen = 5,

    /// <summary>A neighbour within 64 bytes was seen.</summary>
    NeighbourWithin64Bytes = 6,

    /// <summary>A neighbour within 1 KiB was seen.</summary>
    NeighbourWithin1KiB = 7,

    /// <summary>A neighbour within 16 KiB was seen.</summary>
    NeighbourWithin16KiB = 8,

    /// <summary>A neighbour within 256 KiB was seen.</summary>
    NeighbourWithin256KiB = 9,

    /// <summary>Nothing is known: the guess is that the field's bytes are unchanged.</summary>
    Nothing = 10,

    /// <summary><see cref="SeenAndCopied"/>, and the guess leaves the field's bytes unchanged. So up to 15.</summary>
    SeenAndCopiedUnchanged = 11,

    /// <summary><see cref="SeenNotAsCopied"/>, unchanged.</summary>
    SeenNotAsCopiedUnchanged = 12,

    /// <summary><see cref="CopiedAsNeighbour"/>, unchanged.</summary>
    CopiedAsNeighbourUnchanged = 13,

    /// <summary><see cref="CopiedNotAsNeighbour"/>, unchanged.</summary>
    CopiedNotAsNeighbourUnchanged = 14,

    /// <summary><see cref="CopiedAlone"/>, unchanged.</summary>
    CopiedAloneUnchanged = 15,
}

/// <summary>The choice of a <see cref="GuessSource"/>.</summary>
internal static class GuessSources
{
    /// <summary>Number of sources.</summary>
    public const int Count = (int)GuessSource.CopiedAloneUnchanged + 1;

    /// <summary>The farthest neighbourhood that counts as near: 1 KiB.</summary>
    private const int LastNearLevel = 2;

    /// <summary>Distance from a source with a copy to the same source with an unchanged field.</summary>
    private const int ToUnchanged = GuessSource.SeenAndCopiedUnchanged - GuessSource.SeenAndCopied;

    /// <summary>Names the evidence for a first guess.</summary>
    /// <param name="isCopied">True if a copy of this section takes the operand's bytes.</param>
    /// <param name="level">The nearest neighbourhood known; <see cref="AddressMap.Levels"/> for none.</param>
    /// <param name="agrees">True if that neighbourhood moved as far as the copy.</param>
    /// <param name="isUnchanged">True if the guess leaves the field's bytes unchanged.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GuessSource Classify(bool isCopied, int level, bool agrees, bool isUnchanged)
    {
        if (!isCopied)
            return GuessSource.Seen + level;
        var source = level == 0
            ? (agrees ? GuessSource.SeenAndCopied : GuessSource.SeenNotAsCopied)
            : agrees ? GuessSource.CopiedAsNeighbour
            : level <= LastNearLevel ? GuessSource.CopiedNotAsNeighbour
            : GuessSource.CopiedAlone;
        return isUnchanged ? source + ToUnchanged : source;
    }
}

/// <summary>
/// The models of one row of guesses: by kind, by the evidence for the first guess, and by recent success.
/// </summary>
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
