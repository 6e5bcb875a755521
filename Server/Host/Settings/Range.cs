using System.Globalization;

namespace ChunkOta.Server;

/// <summary>The check that most settings need.</summary>
internal static class Range
{
    /// <summary>One line when <paramref name="value"/> is not within the two bounds (inclusive), else none.</summary>
    public static IEnumerable<string> FindFault(string key, long value, long least, long most)
    {
        if (value < least || value > most)
            yield return string.Create(
                CultureInfo.InvariantCulture, $"{key} is {value}, not within {least} and {most}");
    }
}
