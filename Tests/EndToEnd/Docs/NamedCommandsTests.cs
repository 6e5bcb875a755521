using System.CommandLine;
using System.Text.RegularExpressions;
using ChunkOta.Admin;
using ChunkOta.Agent.Cli;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Server;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Docs;

/// <summary>Every command that a hint, a message or a guide names exists in the real command lines.</summary>
public sealed partial class NamedCommandsTests
{
    private static readonly string[] Products =
        ["Chunker", "Protos", "Store", "Server", "CommandLine", "Agent"];

    private static readonly Dictionary<string, RootCommand> Programs = new()
    {
        ["ota-admin"] = AdminProgram.Build(new AdminOptions(), Silent(), TimeProvider.System),
        ["ota-agent"] = AgentProgram.Build(new HomeOptions(), Silent()),
        ["ota-server"] = ServerProgram.Build(new CommonOptions(), Silent()),
    };

    [Fact]
    public void Hints_name_commands_and_options_that_exist() => AssertExist(
        from meaning in ErrorMeaning.All
        where meaning.Hint is not null
        from use in UsesIn(meaning.Hint!)
        select (meaning.Code, use));

    [Fact]
    public void Messages_name_commands_that_exist() => AssertExist(
        from path in Repository.Sources(Products)
        from line in File.ReadLines(Repository.PathOf(path)).Index()
        where !line.Item.TrimStart().StartsWith("//", StringComparison.Ordinal)
        from Match literal in Literal().Matches(line.Item)
        from use in UsesIn(literal.Value.Trim('"'))
        select ($"{path}:{line.Index + 1}", use));

    [Fact]
    public void Guides_name_commands_that_exist() => AssertExist(
        from page in Guides()
        from Match span in Code().Matches(File.ReadAllText(Repository.PathOf(page)))
        from use in UsesIn(span.Value)
        select (page, use));

    [Theory]
    [InlineData("run ota-admin heal")]
    [InlineData("ota-agent surgeon rebuilds the state")]
    [InlineData("ota-admin keys repair")]
    [InlineData("ota-server serve")]
    public void A_command_that_does_not_exist_is_noticed(string text) => Assert.False(Exists(UsesIn(text).Single()));

    [Theory]
    [InlineData("ota-admin channels renew")]
    [InlineData("ota-admin publish DIR")]
    [InlineData("ota-agent upgrade --dry-run")]
    [InlineData("ota-server config check")]
    public void A_command_that_exists_passes(string text) => Assert.True(Exists(UsesIn(text).Single()));

    private static void AssertExist(IEnumerable<(string Where, Use Use)> uses)
    {
        var all = uses.ToArray();
        Assert.NotEmpty(all);
        var unknown = all.Where(use => !Exists(use.Use)).Select(use => $"{use.Where}: {use.Use}").ToArray();
        Assert.True(unknown.Length == 0, string.Join('\n', unknown));
    }

    private static IEnumerable<Use> UsesIn(string text) =>
        from Match match in Invocation().Matches(text)
        select new Use(match.Groups["program"].Value, match.Groups["first"].Value, match.Groups["second"].Value);

    private static bool Exists(Use use)
    {
        var verb = Programs[use.Program].Subcommands.FirstOrDefault(command => command.Name == use.First);
        return verb switch
        {
            null => false,
            VerbGroup => use.Second.Length == 0 || verb.Subcommands.Any(command => command.Name == use.Second),
            // The second word may be an argument, such as a product.
            _ => verb.Subcommands.Count == 0
                || use.Second.Length == 0
                || verb.Arguments.Count > 0
                || verb.Subcommands.Any(command => command.Name == use.Second),
        };
    }

    private static IEnumerable<string> Guides() =>
        from path in Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Append(Repository.PathOf("README.md"))
        select Path.GetRelativePath(Repository.Root, path);

    private static Terminal Silent() => new() { In = TextReader.Null, Out = TextWriter.Null, Error = TextWriter.Null };

    private sealed record Use(string Program, string First, string Second);

    /// <summary>A program and the words after it, but for prose such as "ota-server as the user".</summary>
    [GeneratedRegex(
        """(?<program>ota-admin|ota-agent|ota-server) +(?!as\b|and\b|or\b)(?<first>[a-z]+)(?: +(?<second>[a-z]+))?""")]
    private static partial Regex Invocation();

    [GeneratedRegex(""" "(?:[^"\\]|\\.)*" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Literal();

    [GeneratedRegex("""```[^`]*```|`[^`\n]+`""")]
    private static partial Regex Code();
}
