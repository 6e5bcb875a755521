using System.Buffers;

namespace ChunkOta.Cli;

/// <summary>Texts without the secret part of tokens, whoever they belong to: a failure quotes what was typed.</summary>
internal static class Redacted
{
    private static readonly string[] Prefixes = ["coa_", "co1_"];

    private static readonly SearchValues<char> Secret = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-=");

    /// <summary>The text, each token in it cut after its prefix.</summary>
    public static string Of(string text)
    {
        foreach (var prefix in Prefixes)
        {
            for (var start = 0; (start = text.IndexOf(prefix, start, StringComparison.Ordinal)) >= 0;)
            {
                start += prefix.Length;
                var rest = text.AsSpan(start);
                var length = rest.IndexOfAnyExcept(Secret);
                var end = length < 0 ? text.Length : start + length;
                if (end > start) text = $"{text[..start]}...{text[end..]}";
            }
        }

        return text;
    }
}
