using System.Text.RegularExpressions;
using ChunkOta.Tests.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ChunkOta.Tests.Architecture;

/// <summary>The phrases that docs/writing.md rules out, in guides, comments and messages.</summary>
public sealed partial class PlainEnglishTests
{
    [Fact]
    public void Guides_have_none_of_the_phrases()
    {
        var pages = Directory.EnumerateFiles(Repository.Root, "*.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path))
            .Where(page => page != "docs/writing.md"
                && !page.StartsWith("artifacts/", StringComparison.Ordinal)
                && !page.Contains("/bin/", StringComparison.Ordinal)
                && !page.Contains("node_modules/", StringComparison.Ordinal));

        Findings.AssertNone(
            from page in pages
            from line in File.ReadLines(Repository.PathOf(page)).Index()
            from Match match in Banned().Matches(line.Item)
            select $"{page}:{line.Index + 1} says \"{match.Value}\"");
    }

    [Fact]
    public void Messages_have_none_of_the_phrases() => Findings.AssertNone(
        from source in ProductSources.All
        from token in source.Root.DescendantTokens()
        where token.Kind() is SyntaxKind.StringLiteralToken or SyntaxKind.InterpolatedStringTextToken
            or SyntaxKind.MultiLineRawStringLiteralToken or SyntaxKind.SingleLineRawStringLiteralToken
        from Match match in Banned().Matches(token.ValueText)
        select $"{ProductSources.LocationOf(source, token.Parent!)} says \"{match.Value}\"");

    [Fact]
    public void Comments_have_none_of_the_phrases() => Findings.AssertNone(
        from source in ProductSources.All
        from trivia in source.Root.DescendantTrivia()
        where trivia.IsKind(SyntaxKind.SingleLineCommentTrivia)
            || trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia)
        from Match match in Banned().Matches(LineBreak().Replace(trivia.ToFullString(), " "))
        select $"{source.Path}:{trivia.GetLocation().GetLineSpan().StartLinePosition.Line + 1} says \"{match.Value}\"");

    [Fact]
    public void Summaries_name_a_thing_or_say_what_it_does() => Findings.AssertNone(
        from source in ProductSources.All
        from trivia in source.Root.DescendantTrivia()
        where trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia)
        let match = EmptySummary().Match(LineBreak().Replace(trivia.ToFullString(), " "))
        where match.Success
        select $"{source.Path}:{trivia.GetLocation().GetLineSpan().StartLinePosition.Line + 1} begins "
            + $"\"{match.Value}\"");

    [Fact]
    public void Cancellation_tokens_need_no_explanation() => Findings.AssertNone(
        from source in ProductSources.All
        from parameter in source.Root.DescendantNodes(descendIntoTrivia: true).OfType<XmlNameAttributeSyntax>()
        where parameter.Identifier.Identifier.ValueText is "cancellationToken" or "cancellation"
            && parameter.Parent is XmlElementStartTagSyntax
        select ProductSources.LocationOf(source, parameter));

    [Theory]
    [InlineData("a certificate of its own making")]
    [InlineData("13 bytes are no digest")]
    [InlineData("a device may not do this")]
    [InlineData("so many bytes")]
    public void The_pattern_knows_a_phrase(string text) => Assert.Matches(Banned(), text);

    [Theory]
    [InlineData("there is no such release")]
    [InlineData("the lock is no longer held")]
    [InlineData("unknown setting")]
    public void The_pattern_lets_plain_English_pass(string text) => Assert.DoesNotMatch(Banned(), text);

    [GeneratedRegex(
        """
        \b(of\ (its|their)\ own\ making|(is|are)\ believed|held\ true|that\ which|off\ line|so\ many|may\ not
        |gives?\ room
        |(?<!there\ )(is|are)\ no\ (?!longer\b|more\b|later\b|less\b|greater\b)[a-z]+)\b
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.IgnoreCase)]
    private static partial Regex Banned();

    [GeneratedRegex(@"<summary>\s*(What|Whether|How|Where|Runs\.|Adds them\.)\s")]
    private static partial Regex EmptySummary();

    [GeneratedRegex(@"\s*\n\s*///\s*")]
    private static partial Regex LineBreak();
}
