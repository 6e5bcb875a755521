using System.Text.RegularExpressions;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Architecture;

/// <summary>Pages that lead through the sources name files that exist, and are short enough to be read.</summary>
public sealed partial class NamedFilesTests
{
    private const int MaxWidth = 120;

    private static readonly string[] Guides =
    [
        "README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/words.md", "docs/writing.md",
        .. FolderReadmes(),
    ];

    [Fact]
    public void Every_file_and_folder_that_a_guide_names_exists()
    {
        var missing = from page in Guides
                      from name in NamesIn(File.ReadAllText(Repository.PathOf(page)))
                      where !Exists(page, name)
                      select $"{page} names {name}";

        Assert.Empty(missing);
    }

    [Fact]
    public void The_architecture_names_files_of_every_part()
    {
        var page = File.ReadAllText(Repository.PathOf("docs/architecture.md"));

        foreach (var part in new[] { "Chunker", "Protos", "Store", "Server", "Agent", "CommandLine" })
            Assert.Contains($"`{part}/", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Guides_are_short()
    {
        Assert.InRange(LinesOf("docs/architecture.md"), 1, 150);
        Assert.InRange(LinesOf("docs/writing.md"), 1, 60);
        Assert.All(FolderReadmes(), page => Assert.InRange(LinesOf(page), 1, 60));
    }

    [Fact]
    public void Prose_is_no_wider_than_code()
    {
        var wide = from page in Pages()
                   from line in ProseOf(File.ReadAllLines(Repository.PathOf(page)))
                   where line.Length > MaxWidth && !line.StartsWith('|') && !line.StartsWith('`')
                   select $"{page}: {line}";

        Assert.Empty(wide);
    }

    [Fact]
    public void A_changelog_fragment_begins_with_its_category()
    {
        var fragments = Directory.EnumerateFiles(Repository.PathOf("changelog/unreleased"), "*.md");

        Assert.All(fragments, path => Assert.Matches(Fragment(), File.ReadLines(path).First()));
    }

    /// <summary>Paths in backticks and targets of links, outside of blocks of code.</summary>
    private static IEnumerable<string> NamesIn(string text)
    {
        text = CodeBlock().Replace(text, "");
        var links = Link().Matches(text).Select(match => match.Groups[1].Value.Split('#')[0])
            .Where(name => name.Length > 0 && !name.Contains("://", StringComparison.Ordinal));
        var spans = Span().Matches(text).Select(match => match.Groups[1].Value)
            .Where(name => FilePath().IsMatch(name) && !name.StartsWith("artifacts/", StringComparison.Ordinal));
        return links.Concat(spans);
    }

    /// <summary>Names are relative to the page's folder or to the root.</summary>
    private static bool Exists(string page, string name) =>
        new[] { Repository.PathOf(Path.GetDirectoryName(page)!), Repository.Root }
            .Select(folder => Path.Combine(folder, name))
            .Any(Path.Exists);

    private static int LinesOf(string page) => File.ReadLines(Repository.PathOf(page)).Count();

    /// <summary>The pages of source folders; those of <c>docs</c> are for users and name their files.</summary>
    private static IEnumerable<string> FolderReadmes() => Pages().Where(
        page => page.EndsWith("/README.md", StringComparison.Ordinal)
            && !page.StartsWith("docs/", StringComparison.Ordinal));

    private static IEnumerable<string> Pages() =>
        from folder in Directory.EnumerateDirectories(Repository.Root).Append(Repository.Root)
        where !Path.GetFileName(folder).StartsWith('.') && Path.GetFileName(folder) != "artifacts"
        from path in Directory.EnumerateFiles(
            folder, "*.md", folder == Repository.Root ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories)
        let page = Path.GetRelativePath(Repository.Root, path)
        where !page.Contains("/bin/", StringComparison.Ordinal) && !page.Contains("/obj/", StringComparison.Ordinal)
            && !page.Contains("/node_modules/", StringComparison.Ordinal)
        orderby page
        select page;

    /// <summary>Lines that people wrote and wrapped: no blocks of code, no quoted output of a program.</summary>
    private static IEnumerable<string> ProseOf(IEnumerable<string> lines)
    {
        var (isCode, isOutput) = (false, false);
        foreach (var line in lines)
        {
            if (line.StartsWith("```", StringComparison.Ordinal)) isCode = !isCode;
            else if (line is "<!-- output -->" or "<!-- end output -->") isOutput = !isOutput;
            else if (!isCode && !isOutput) yield return line;
        }
    }

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Span();

    /// <summary>A path with a folder, or a file by its ending: not an option, a type or a call.</summary>
    [GeneratedRegex(@"^(\.?[\w-][\w.-]*/)+[\w.-]*$|^[\w-][\w.-]*\.(cs|md|sh|proto|sql|c|csproj|props|targets|tsv)$")]
    private static partial Regex FilePath();

    [GeneratedRegex("^(Added|Changed|Fixed|Removed|Security): .{3,}[^.]$")]
    private static partial Regex Fragment();
}
