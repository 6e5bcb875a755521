using System.Text.RegularExpressions;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Packages;

/// <summary>The commands that a section of a page tells a user to type, word for word.</summary>
internal static partial class GuideBlocks
{
    /// <summary>All shell blocks of a section, in order.</summary>
    public static string Of(string page, string heading)
    {
        var text = File.ReadAllText(Repository.PathOf(page));
        var start = text.IndexOf($"\n## {heading}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"{page} has no section {heading}");
        var end = text.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        var blocks = ShellBlock().Matches(end < 0 ? text[start..] : text[start..end]);
        Assert.NotEmpty(blocks);
        return string.Concat(blocks.Select(block => block.Groups[1].Value));
    }

    [GeneratedRegex(@"```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();
}
