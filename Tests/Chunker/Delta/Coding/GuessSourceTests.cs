using ChunkOta.Chunking;

namespace ChunkOta.Tests.Chunker.Delta.Coding;

/// <summary>The evidence for a guess selects models, so its number is part of the format.</summary>
public sealed class GuessSourceTests
{
    /// <summary>Evidence by case: copied, level of the neighbour, agreement, unchanged field; and its number.</summary>
    public static TheoryData<bool, int, bool, bool, int> Cases => new()
    {
        { true, 0, true, false, 0 },
        { true, 0, false, false, 1 },
        { true, 1, true, false, 2 },
        { true, 4, true, false, 2 },
        { true, 1, false, false, 3 },
        { true, 2, false, false, 3 },
        { true, 3, false, false, 4 },
        { true, 4, false, false, 4 },
        { true, AddressMap.Levels, false, false, 4 },
        { false, 0, false, false, 5 },
        { false, 1, false, false, 6 },
        { false, 2, false, false, 7 },
        { false, 3, false, false, 8 },
        { false, 4, false, true, 9 },
        { false, AddressMap.Levels, false, true, 10 },
        { true, 0, true, true, 11 },
        { true, 0, false, true, 12 },
        { true, 3, true, true, 13 },
        { true, 2, false, true, 14 },
        { true, AddressMap.Levels, false, true, 15 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_case_has_its_number(bool isCopied, int level, bool agrees, bool isUnchanged, int expected)
    {
        var source = GuessSources.Classify(isCopied, level, agrees, isUnchanged);

        Assert.Equal((GuessSource)expected, source);
        Assert.True(Enum.IsDefined(source));
    }

    [Fact]
    public void No_two_contexts_share_a_model()
    {
        var models = new HashSet<int>();

        for (var kind = 0; kind < ProgramFields.Kinds; kind++)
        {
            for (var source = 0; source < GuessSources.Count; source++)
            {
                for (var history = 0; history <= GuessContext.Missed; history++)
                {
                    var context = new GuessContext(kind, source, history);
                    for (var guess = 0; guess < GuessContext.MaxGuesses; guess++)
                        Assert.True(models.Add(context[guess]));
                }
            }
        }

        Assert.Equal(GuessContext.Count(ProgramFields.Kinds), models.Count);
        Assert.Equal(models.Count - 1, models.Max());
    }

    [Fact]
    public void The_first_of_equal_guesses_is_kept()
    {
        uint[] guesses = [7, 7, 3, 7, 0, 3];

        var count = GuessContext.KeepDistinct(guesses);

        Assert.Equal([7, 3, 0], guesses[..count]);
    }
}
