namespace ChunkOta.Tests.Support;

/// <summary>docs/format.md: its worked examples are bytes that tests decode.</summary>
internal static class FormatDoc
{
    /// <summary>
    /// The bytes of the first <c>```hex</c> block of the section <c>## title</c>: hex digits, spaced at will; from
    /// <c>|</c>
    /// to the end of a line is for people.
    /// </summary>
    public static byte[] Example(string title)
    {
        var lines = File.ReadLines(Repository.PathOf("docs/format.md"))
            .SkipWhile(line => line != $"## {title}")
                .Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .SkipWhile(line => line != "```hex").Skip(1).TakeWhile(line => line != "```")
            .Select(line => line.Split('|')[0].Replace(" ", "", StringComparison.Ordinal))
            .ToArray();
        Assert.NotEmpty(lines);
        return Convert.FromHexString(string.Concat(lines));
    }
}
