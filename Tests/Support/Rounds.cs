using System.Globalization;

namespace ChunkOta.Tests.Support;

/// <summary>The length and the seed of random tests: short and always the same, except in a release gate.</summary>
/// <remarks>
/// <c>eng/release-gate.sh</c> sets OTA_TEST_ROUNDS, a factor, and OTA_TEST_SEED. Tests that use them have the category
/// Random. <c>test.sh</c> sets OTA_TEST_SAMPLE to a number that every commit has another of.
/// </remarks>
internal static class Rounds
{
    private static readonly int Factor = Read("OTA_TEST_ROUNDS") ?? 1;
    private static readonly int? Seed = Read("OTA_TEST_SEED");
    private static readonly int Sample = Read("OTA_TEST_SAMPLE") ?? 0;

    /// <summary>The number of rounds to run.</summary>
    /// <param name="count">The number in an ordinary run.</param>
    public static int Of(int count) => checked(count * Factor);

    /// <summary>Picks from cases that are numbered from 1: a run for a commit gets one in so many, the next commit
    /// others; a release gate with that factor gets all of them.</summary>
    public static int[] Some(int cases, int oneIn)
    {
        var stride = Math.Max(1, oneIn / Factor);
        return [.. Enumerable.Range(1, cases).Where(number => (number + Sample) % stride == 0)];
    }

    /// <summary>Picks from these cases in the same way.</summary>
    public static IEnumerable<T> Some<T>(IReadOnlyList<T> cases, int oneIn) =>
        Some(cases.Count, oneIn).Select(number => cases[number - 1]);

    /// <summary>A generator that gives the same numbers in every run with the same seed.</summary>
    /// <param name="seed">The seed of an ordinary run; a release gate combines it with its own.</param>
    public static Random Random(int seed) => new(Seed is { } gate ? unchecked((gate * 1_000_003) + seed) : seed);

    private static int? Read(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : null;
}
