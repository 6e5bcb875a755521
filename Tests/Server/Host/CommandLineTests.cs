using System.Text.Json;
using ChunkOta.Cli;
using ChunkOta.Server;

namespace ChunkOta.Tests.Server;

public sealed class CommandLineTests
{
    [Fact]
    public void The_command_line_gives_a_folder_a_file_and_settings()
    {
        var options = new SettingsOptions();
        var command = new System.CommandLine.RootCommand();
        options.AddTo(command);

        var parsed = command.Parse(["--data", "d", "--config=f.json", "Listen:Grpc=127.0.0.1:0", "Tls:Names:0=a=b"]);

        Assert.Empty(parsed.Errors);
        Assert.Equal(
            [new("Data", "d"), new("Listen:Grpc", "127.0.0.1:0"), new("Tls:Names:0", "a=b")],
            options.Assignments(parsed));
    }

    [Theory]
    [InlineData("--version", "ota-server ")]
    [InlineData("--help", "  run ")]
    [InlineData("run --help", "ota-server run --data /var/lib/chunkota")]
    [InlineData("health --help", "ota-server health --data /var/lib/chunkota")]
    [InlineData("config check --help", "ota-server config check --data /var/lib/chunkota")]
    public async Task Each_verb_has_its_own_help(string arguments, string expected)
    {
        var (exit, output, errors) = await RunAsync(arguments);

        Assert.Equal((0, ""), (exit, errors));
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("config")]
    [InlineData("run --data")]
    [InlineData("run --what x")]
    [InlineData("run stray")]
    [InlineData("run =x")]
    [InlineData("run --listen:grpc=x")]
    public async Task What_is_not_understood_is_refused(string arguments)
    {
        var (exit, output, errors) = await RunAsync(arguments);

        Assert.Equal((2, ""), (exit, output));
        Assert.StartsWith("error USAGE: ", Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_settings_end_with_a_line_each_and_exit_code_2()
    {
        var (exit, output, errors) = await RunAsync("run --data d Listen:What=1 Limits:Connections=many");

        Assert.Equal((2, ""), (exit, output));
        var lines = errors.TrimEnd().Split('\n').Where(line => !line.StartsWith("hint: ", StringComparison.Ordinal));
        Assert.Equal(2, lines.Count());
        Assert.All(lines, line => Assert.StartsWith("error CONFIG_INVALID: ", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Log:Level=loud", "Log:Level is 'loud': write Trace, Debug, Information, ")]
    [InlineData("Listen:Reflection=perhaps", "Listen:Reflection is 'perhaps': write true or false")]
    [InlineData("Limits:Connections=1e99", "Limits:Connections is '1e99': write a number")]
    public async Task A_value_of_another_type_is_answered_with_what_to_write(string setting, string expected)
    {
        var (_, _, errors) = await RunAsync($"config check --data d {setting}");

        Assert.StartsWith($"error CONFIG_INVALID: {expected}", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checked_settings_are_printed_as_they_would_be_in_force()
    {
        var (exit, output, _) = await RunAsync("config check --data d Listen:Http=off");

        Assert.Equal(0, exit);
        Assert.Contains("Data=d\n", output, StringComparison.Ordinal);
        Assert.Contains("Listen:Http=off\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checked_settings_are_one_JSON_object_where_JSON_was_asked_for()
    {
        var (exit, output, _) = await RunAsync("config check --data d Listen:Http=off Tls:Names:0=a --json");

        Assert.Equal(0, exit);
        using var json = JsonDocument.Parse(output);
        var settings = json.RootElement.GetProperty("settings");
        Assert.Equal("off", settings.GetProperty("Listen:Http").GetString());
        Assert.Equal(4, settings.GetProperty("Publish:PacksAtOnce").GetInt32());
        Assert.Equal("a", settings.GetProperty("Tls:Names")[0].GetString());
    }

    private static async Task<(int Exit, string Out, string Errors)> RunAsync(string arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var exit = await ServerProgram.RunAsync(
            arguments.Split(' '), new Terminal { In = TextReader.Null, Out = output, Error = errors });
        return (exit, output.ToString(), errors.ToString());
    }
}
