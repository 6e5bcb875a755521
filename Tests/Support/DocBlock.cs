namespace ChunkOta.Tests.Support;

/// <summary>A block of code in a document, which a test runs as it is printed.</summary>
internal static class DocBlock
{
    /// <summary>The lines of the block after the comment with this name.</summary>
    public static string Read(string document, string name)
    {
        var lines = File.ReadLines(Repository.PathOf(document)).SkipWhile(line => line != $"<!-- {name} -->")
            .SkipWhile(line => !line.StartsWith("```", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line != "```").ToList();
        Assert.True(lines.Count > 0, $"{document} has no block '{name}'");
        return string.Join('\n', lines) + "\n";
    }
}
