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
            var parsed = Root().Parse(
                OptionParsers.WithDefaults(words), new ParserConfiguration { ResponseFileTokenReplacer = null });
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
    [InlineData("help")]
    [InlineData("help publish")]
    [InlineData("manual")]
    [InlineData("completion bash")]
    [InlineData("publish --help")]
    [InlineData("--version")]
    public async Task What_prints_text_does_so_with_json_too(string line)
    {
        var text = await RunAsync(line.Split(' '));
        var json = await RunAsync([.. line.Split(' '), "--json"]);

        Assert.Equal(0, text.Code);
        Assert.Equal(text, json);
    }

    [Fact]
    public void Every_product_channel_and_platform_comes_from_the_environment_too()
    {
        var variables = new Dictionary<string, string>
        {
            ["PRODUCT"] = "OTA_PRODUCT",
            ["--product"] = "OTA_PRODUCT",
            ["CHANNEL"] = "OTA_CHANNEL",
            ["--channel"] = "OTA_CHANNEL",
            ["--to"] = "OTA_CHANNEL",
            ["--platform"] = "OTA_PLATFORM",
        };
        var seen = 0;
        Assert.All(All([], Root()), verb => Assert.All(
            verb.Command.Arguments.Cast<Symbol>().Concat(verb.Command.Options), symbol =>
            {
                if (!variables.TryGetValue(symbol.Name, out var variable)) return;
                seen++;
                Assert.Contains(
                    (verb.Path, symbol.Name) == ("channels delete", "CHANNEL") ? "never from OTA_CHANNEL" : variable,
                    symbol.Description!, StringComparison.Ordinal);
                Assert.Contains(variable, symbol.Description!, StringComparison.Ordinal);
            }));
        Assert.True(seen > 30, $"{seen}");
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

    [Theory]
    [InlineData("prodcts list", "unknown command 'prodcts': did you mean 'products'?")]
    [InlineData("tokens crate", "unknown command 'crate': did you mean 'create'?")]
    [InlineData("stats --verbos", "unknown option '--verbos': did you mean '--verbose'?")]
    [InlineData("releases --platfrom linux-x64", "unknown option '--platfrom': did you mean '--platform'?")]
    [InlineData("publish --prodct app", "unknown option '--prodct': did you mean '--product'?")]
    [InlineData("tokens revoke --force", "unknown option '--force'")]
    [InlineData("tokens create --role --labl", "unknown option '--labl': did you mean '--label'?")]
    [InlineData("tokens revoke a b", "unexpected argument 'b'")]
    [InlineData("tokens", "'ota-admin tokens' needs a command: create, list or revoke")]
    [InlineData("", "'ota-admin' needs a command")]
    [InlineData("channels renew app", "missing: CHANNEL, --platform RID, --keys DIR")]
    [InlineData("tokens create --role king", "--role takes install, publisher, reader or admin, not 'king'")]
    [InlineData("tokens create --role install --uses many", "--uses must be a number of devices or unlimited")]
    [InlineData("tokens create --role", "--role needs a value")]
    [InlineData("publish t --level 20 --product a --version 1.0.0 --platform any --channel c --keys k",
        "--level takes a whole number, 1 to 19, not '20'")]
    public async Task What_is_wrong_is_said_with_what_was_meant(string line, string expected)
    {
        var (code, _, error) = await RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", error, StringComparison.Ordinal);
        Assert.Contains("--help'", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "", "")]
    [InlineData(0, "kitten", "kitten")]
    [InlineData(1, "lsit", "list")]
    [InlineData(1, "list", "lists")]
    [InlineData(3, "kitten", "sitting")]
    public void Words_are_compared_by_the_slips_of_a_typist(int distance, string one, string other)
    {
        Assert.Equal(distance, Suggestions.Distance(one, other));
        Assert.Equal(distance, Suggestions.Distance(other, one));
    }

    [Fact]
    public void After_two_hyphens_a_word_is_an_argument()
    {
        var root = Root();
        string[] arguments = ["tokens", "revoke", "--", "--odd"];
        var parsed = root.Parse(arguments);

        Assert.Null(UsageFault.Find(CommandPath.Of("ota-admin", parsed.CommandResult), parsed, arguments));
    }

    [Fact]
    public void Every_default_that_help_shows_can_be_typed_back()
    {
        foreach (var (path, command) in All([], Root()))
        {
            foreach (var option in command.Options.Where(
                option => option.HasDefaultValue && !OptionText.IsFlag(option)))
            {
                if (OptionText.Typed(option.GetDefaultValue()) is not { } typed) continue;
                var parsed = Root().Parse([.. path.Split(' '), option.Name, typed]);
                Assert.DoesNotContain(parsed.Errors, error =>
                    error.SymbolResult is OptionResult result && result.Option.Name == option.Name
                    || error.SymbolResult is ArgumentResult { Parent: OptionResult parent }
                        && parent.Option.Name == option.Name);
            }
        }
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("help")]
    public async Task The_programs_help_lists_commands_global_options_and_environment(string word)
    {
        var (code, output, _) = await RunAsync([word]);

        Assert.Equal(0, code);
        foreach (var expected in (string[])["  publish ", "--server URL", "-q, --quiet", "OTA_CA ", "OTA_PROFILE "])
            Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_verbs_help_is_the_same_by_both_ways_and_leaves_global_options_apart(string verb)
    {
        var (_, byOption, _) = await RunAsync([.. verb.Split(' '), "--help"]);
        var (code, byVerb, _) = await RunAsync(["help", .. verb.Split(' ')]);

        Assert.Equal((0, byOption), (code, byVerb));
        Assert.Contains("Global options: see 'ota-admin help options'.", byVerb, StringComparison.Ordinal);
        Assert.DoesNotContain("--plaintext ", byVerb, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    public void Help_fits_the_width(int width)
    {
        var root = CommandPath.OfRoot("ota-admin", Root());
        foreach (var path in root.All)
        {
            var text = HelpPage.Of(new ProgramDescription("ota-admin", ""), path).Write(width).Split("Examples:")[0];
            Assert.All(text.Split('\n'), line => Assert.True(
                line.Length <= width || line.TrimStart().Split("  ")[0].Length > width * 2 / 5,
                $"{path.Words}: {line}"));
        }
    }

    [Fact]
    public async Task A_group_shows_its_commands_in_its_usage()
    {
        var (_, output, _) = await RunAsync(["channels", "--help"]);

        Assert.Contains("  ota-admin channels COMMAND\n", output, StringComparison.Ordinal);
        Assert.Contains("  ota-admin channels [PRODUCT] [options]\n", output, StringComparison.Ordinal);
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
