namespace ChunkOta.Tests.Support;

/// <summary>Files with the bytes of a format, which must not change; <c>UPDATE_GOLDEN=1</c> rewrites them.</summary>
internal static class Golden
{
    /// <summary>Asserts that bytes equal a golden file, or rewrites the file on request.</summary>
    public static void Equal(string name, ReadOnlySpan<byte> actual)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllBytes(Repository.PathOf($"Tests/Golden/{name}"), actual);
        Assert.Equal(Read(name), actual.ToArray());
    }

    public static byte[] Read(string name) => File.ReadAllBytes(Repository.PathOf($"Tests/Golden/{name}"));

    /// <summary>
    /// Asserts the text between <c>&lt;!-- section --&gt;</c> and <c>&lt;!-- end section --&gt;</c> in a page.
    /// </summary>
    /// <param name="page">From the repository's root.</param>
    /// <param name="section">Its name.</param>
    /// <param name="actual">The text that the code produces.</param>
    public static void EqualSection(string page, string section, string actual)
    {
        var text = File.ReadAllText(Repository.PathOf(page));
        var (from, to) = ($"<!-- {section} -->\n", $"<!-- end {section} -->");
        var start = text.IndexOf(from, StringComparison.Ordinal) + from.Length;
        var end = text.IndexOf(to, StringComparison.Ordinal);
        Assert.True(start >= from.Length && end >= start, $"{page} lacks the section {section}");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(Repository.PathOf(page), text[..start] + actual + text[end..]);
        else
            Assert.Equal(text[start..end], actual);
    }
}
