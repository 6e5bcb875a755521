using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using ChunkOta.Admin;
using ChunkOta.Cli;

namespace ChunkOta.Tests.Admin.CommandLine;

public sealed class CommandLineTests
{
    public static TheoryData<string> Verbs =>
        [.. All([], Root()).Where(verb => verb.Command is IWithExamples).Select(verb => verb.Path)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Every_verb_explains_itself_with_examples(string verb)
    {
        var (code, output, error) = await RunAsync([.. verb.Split(' '), "--help"]);

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Examples:", output, StringComparison.Ordinal);
        Assert.Contains($"ota-admin {verb}", output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_example_is_a_command_line_that_parses(string verb)
    {
        var command = (IWithExamples)All([], Root()).Single(each => each.Path == verb).Command;

        foreach (var example in command.Examples.Where(line => !line.StartsWith('#')))
        {
            var words = CommandLineParser.SplitCommandLine(example).TakeWhile(word => word != ">").Skip(1).ToArray();
            var parsed = Root().Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
            Assert.Empty(parsed.Errors);
            Assert.Equal(verb.Split(' ')[^1], parsed.CommandResult.Command.Name);
        }
    }

    [Fact]
    public void Every_option_says_what_it_is()
    {
        Assert.All(All([], Root()), verb =>
        {
            Assert.False(string.IsNullOrEmpty(verb.Command.Description), verb.Path);
            Assert.All(
                verb.Command.Options, option => Assert.False(string.IsNullOrEmpty(option.Description), option.Name));
            Assert.All(verb.Command.Arguments, argument => Assert.False(
                string.IsNullOrEmpty(argument.Description), argument.Name));
        });
    }

    [Theory]
    [InlineData("publish")]
    [InlineData("publish tree --product app")]
    [InlineData("nonsense")]
    [InlineData("")]
    [InlineData("tokens")]
    [InlineData("tokens create --role king")]
    [InlineData("keys init --out keys --expires 3weeks")]
    [InlineData("products create app --root r --cut 1/2")]
    [InlineData("products create app --root r --cut 16K/60K/256K")]
    [InlineData("publish t --product a --version 1.0.0 --platform any --channel c --keys k --level 20")]
    [InlineData("publish t --product a --version 1.0.0 --platform any --channel c --keys k --portable maybe")]
    public async Task A_wrong_command_line_is_one_line_and_exit_code_2(string line)
    {
        var (code, output, error) = await RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("error USAGE: ", Assert.Single(error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_one_JSON_object_where_JSON_was_asked_for()
    {
        var (code, output, error) = await RunAsync(["releases", "--json", "--server", "ftp://x", "--token", "x"]);

        using var json = JsonDocument.Parse(output);
        Assert.Equal((2, ""), (code, error));
        Assert.Equal("CONFIG_INVALID", json.RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("http://ota.example.org", "PLAINTEXT_REFUSED", 5)]
    [InlineData("not a url", "CONFIG_INVALID", 2)]
    public async Task A_server_that_must_not_be_asked_is_not_asked(string url, string code, int exitCode)
    {
        var (exited, _, error) = await RunAsync(["releases", "--server", url, "--token", "x"]);

        Assert.Equal(exitCode, exited);
        Assert.StartsWith($"error {code}: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistyped_token_is_refused_without_being_shown()
    {
        var (exited, output, error) = await RunAsync(["releases", "--token", "coa_mistyped"]);

        Assert.Equal(5, exited);
        Assert.StartsWith("error TOKEN_INVALID: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("mistyped_", output + error, StringComparison.Ordinal);
        Assert.DoesNotContain("coa_mistyped", output + error, StringComparison.Ordinal);
    }

    private static RootCommand Root() => AdminProgram.Build(new AdminOptions(), Silent(), TimeProvider.System);

    private static Terminal Silent() => new() { In = TextReader.Null, Out = TextWriter.Null, Error = TextWriter.Null };

    private static IEnumerable<(string Path, Command Command)> All(IReadOnlyList<string> above, Command command) =>
        command.Subcommands.SelectMany(child => All([.. above, child.Name], child)
            .Prepend((string.Join(' ', above.Append(child.Name)), child)));

    private static async Task<(int Code, string Out, string Error)> RunAsync(string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await AdminProgram.RunAsync(
            arguments, new Terminal { In = TextReader.Null, Out = output, Error = error }, TimeProvider.System,
            CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
