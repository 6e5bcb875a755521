using ChunkOta.Server;

namespace ChunkOta.Tests.Server;

public sealed class CommandLineTests
{
    [Fact]
    public void Run_takes_the_folder_a_file_and_settings()
    {
        var line = CommandLine.Parse(
            ["run", "--data", "d", "--config=f.json", "Listen:Grpc=127.0.0.1:0", "Tls:Names:0=a=b"]);

        Assert.Equal(ServerVerb.Run, line.Verb);
        Assert.Equal("f.json", line.SettingsFile);
        Assert.Equal(
            [new("Data", "d"), new("Listen:Grpc", "127.0.0.1:0"), new("Tls:Names:0", "a=b")],
            line.Assignments!);
    }

    [Theory]
    [InlineData("--version", ServerVerb.Version)]
    [InlineData("--help", ServerVerb.Help)]
    [InlineData("", ServerVerb.Help)]
    [InlineData("run --help", ServerVerb.Help)]
    [InlineData("config check", ServerVerb.CheckSettings)]
    internal void Verbs_are_told_apart(string arguments, ServerVerb expected) =>
        Assert.Equal(expected, CommandLine.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Verb);

    [Theory]
    [InlineData("serve")]
    [InlineData("config")]
    [InlineData("run --data")]
    [InlineData("run --what x")]
    [InlineData("run stray")]
    [InlineData("run --listen:grpc=x")]
    public void What_is_not_understood_is_refused(string arguments)
    {
        var failure = Assert.Throws<ChunkOtaException>(() => CommandLine.Parse(arguments.Split(' ')));

        Assert.Equal("USAGE", failure.Code);
    }

    [Fact]
    public async Task Bad_settings_end_with_a_line_each_and_exit_code_2()
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();

        var exit = await ServerProgram.RunAsync(
            ["run", "--data", "d", "Listen:What=1", "Limits:Connections=0"], output, errors);

        Assert.Equal(2, exit);
        Assert.Empty(output.ToString());
        Assert.All(
            errors.ToString().TrimEnd().Split('\n'),
            line => Assert.StartsWith("error CONFIG_INVALID: ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Checked_settings_are_printed_as_they_would_be_in_force()
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();

        var exit = await ServerProgram.RunAsync(["config", "check", "--data", "d", "Listen:Http=off"], output, errors);

        Assert.Equal(0, exit);
        Assert.Contains("Data=d\n", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Listen:Http=off\n", output.ToString(), StringComparison.Ordinal);
    }
}
