using System.Text.Json;
using ChunkOta.Agent;
using ChunkOta.Agent.Cli;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Cli;

public sealed class AgentProgramTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("install")]
    [InlineData("install", "editor", "--bogus")]
    [InlineData("install", "editor", "--latest", "--version", "1.0.0", "--server", "http://127.0.0.1:1")]
    [InlineData("nonsense")]
    public async Task A_wrong_command_line_is_one_line_and_2(params string[] arguments)
    {
        var (exit, output, error) = await RunAsync(arguments);

        Assert.Equal(2, exit);
        Assert.Empty(output);
        Assert.StartsWith("error USAGE: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task With_json_a_failure_is_one_object_on_stdout_and_nothing_else()
    {
        var (exit, output, error) = await RunAsync("show", "editor", "--json");

        Assert.Equal(6, exit);
        Assert.Empty(error);
        var failure = JsonDocument.Parse(output).RootElement.GetProperty("error");
        Assert.Equal("NOT_INSTALLED", failure.GetProperty("code").GetString());
        Assert.False(failure.GetProperty("retryable").GetBoolean());
    }

    [Theory]
    [InlineData("NAME_INVALID", 2, "install", "../up", "--server", "http://127.0.0.1:1")]
    [InlineData("VERSION_INVALID", 2, "install", "editor", "--version", "one", "--server", "http://127.0.0.1:1")]
    [InlineData("USAGE", 2, "install", "editor")]
    [InlineData("USAGE", 2, "install", "editor", "--server", "http://127.0.0.1:1")]
    [InlineData("TOKEN_INVALID", 5, "install", "editor", "--server", "http://127.0.0.1:1", "--install-token", "co1_x")]
    [InlineData(
        "CONFIG_INVALID", 2, "install", "editor", "--server", "http://127.0.0.1:1", "--install-token", "@/no/such")]
    [InlineData("CONFIG_INVALID", 2, "install", "editor", "--server", "gopher://x", "--install-token", "co1_x")]
    [InlineData(
        "PLAINTEXT_REFUSED", 5, "install", "editor", "--server", "http://192.0.2.1", "--install-token", "co1_x")]
    [InlineData("NOT_INSTALLED", 6, "upgrade")]
    [InlineData("NOT_INSTALLED", 6, "upgrade", "editor")]
    [InlineData("NOT_INSTALLED", 6, "revert", "editor")]
    [InlineData("NOT_INSTALLED", 6, "verify", "editor")]
    [InlineData("NOT_INSTALLED", 6, "prune", "editor")]
    [InlineData("NOT_INSTALLED", 6, "status", "editor")]
    public async Task A_refusal_has_its_code_and_exit_code_and_leaves_nothing_installed(
        string code, int expected, params string[] arguments)
    {
        var (exit, output, error) = await RunAsync(arguments);

        Assert.StartsWith($"error {code}: ", error, StringComparison.Ordinal);
        Assert.Equal(expected, exit);
        Assert.Empty(output);
        Assert.False(Directory.Exists(_rig.Current));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_8()
    {
        var token = InstallToken.Generate(default, [], 0).ToString();

        var (exit, _, error) = await RunAsync(
            "install", "editor", "--server", "http://127.0.0.1:1", "--install-token", token);

        Assert.StartsWith("error SERVER_UNAVAILABLE: ", error, StringComparison.Ordinal);
        Assert.Equal(8, exit);
        Assert.Empty(_rig.TrustStore.Load().Records);
    }

    [Fact]
    public async Task A_token_comes_from_standard_input_too()
    {
        var (_, _, error) = await RunAsync(
            new StringReader("not a token\n"),
            "install", "editor", "--server", "http://127.0.0.1:1", "--install-token", "-");

        Assert.StartsWith("error TOKEN_INVALID: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("not a token", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Installed_products_are_listed_shown_verified_reverted_and_pruned()
    {
        foreach (var i in new[] { 1ul, 2ul, 3ul })
        {
            _rig.Source.Publish(new TestRelease($"1.{i}.0", i).File("file", $"{i}"), i);
            await _rig.UpdateAsync();
        }

        Assert.Equal((0, "editor 1.3.0 linux-x64 stable\n"), await TextAsync("list"));
        Assert.Equal((0, "editor 1.3.0 is as installed\n"), await TextAsync("verify"));
        Assert.Equal((0, "reverted editor 1.2.0\n"), await TextAsync("revert", "editor"));
        var (_, shown) = await TextAsync("show", "editor");
        Assert.Contains("current   1.2.0 (counter 2, ", shown, StringComparison.Ordinal);
        Assert.Contains("previous  1.3.0 (counter 3, ", shown, StringComparison.Ordinal);
        Assert.Equal((0, "would remove editor: 1.1.0, 0 unfinished\n"), await TextAsync("prune", "--dry-run"));
        Assert.Equal((0, "removed editor: 1.1.0, 0 unfinished\n"), await TextAsync("prune", "editor"));
        Assert.Equal((0, "removed editor: no release, 0 unfinished\n"), await TextAsync("prune"));
    }

    [Fact]
    public async Task Damage_is_listed_and_10()
    {
        _rig.Source.Publish(new TestRelease("1.0.0", 1).File("file", "one"), 1);
        await _rig.UpdateAsync();
        await File.WriteAllTextAsync(Path.Combine(_rig.Current, "file"), "two");

        var (exit, output, error) = await RunAsync("verify", "editor");
        var (jsonExit, json, _) = await RunAsync("verify", "--json");

        Assert.Equal((10, 10), (exit, jsonExit));
        Assert.Equal("editor 1.0.0: file: other content\n", output);
        Assert.StartsWith("error NOT_AS_INSTALLED: ", error, StringComparison.Ordinal);
        var answer = JsonDocument.Parse(json).RootElement;
        Assert.False(answer.GetProperty("is_as_installed").GetBoolean());
        Assert.Equal("NOT_AS_INSTALLED", answer.GetProperty("error").GetProperty("code").GetString());
        var damage = answer.GetProperty("products")[0].GetProperty("damage")[0];
        Assert.Equal("file", damage.GetProperty("path").GetString());
    }

    [Fact]
    public async Task A_stale_channel_is_3_in_status_and_nothing_else_is_wrong()
    {
        // The command line runs by the real clock, the publisher by one that stands in the past.
        _rig.Clock.Now = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        _rig.Source.Publish(new TestRelease("1.0.0", 1).File("file", "one"), 1);
        await _rig.UpdateAsync();

        var (exit, output, _) = await RunAsync("status");

        Assert.Equal(3, exit);
        Assert.StartsWith("editor 1.0.0 STALE: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_command_has_help_with_examples()
    {
        foreach (var command in new[] { "install", "upgrade", "revert", "list", "show", "status", "verify", "prune" })
        {
            var (exit, output, _) = await RunAsync(command, "--help");

            Assert.Equal(0, exit);
            Assert.Contains($"Examples:\n  ota-agent {command}", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_self_test_passes_here()
    {
        var (exit, output, _) = await RunAsync("selftest");

        Assert.Equal(0, exit);
        Assert.All(output.TrimEnd('\n').Split('\n'), line => Assert.StartsWith("ok ", line, StringComparison.Ordinal));
        Assert.Contains("DUR-00", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fetch", 50, 200, "fetch 25 % of 200 B")]
    [InlineData("copy", 1_500_000, 1_500_000, "copy 100 % of 1.5 MB")]
    [InlineData("check", 0, 0, "check")]
    public void The_progress_line_says_where_the_run_is(string phase, long done, long total, string expected)
    {
        Assert.Equal(expected, ProgressLine.Text(new UpdateProgress(phase, done, total)));
    }

    [Theory]
    [InlineData(true, null, null, "/opt/chunkota")]
    [InlineData(false, "/data", "/home/x", "/data/chunkota")]
    [InlineData(false, "relative", "/home/x", "/home/x/.local/share/chunkota")]
    [InlineData(false, null, "/home/x", "/home/x/.local/share/chunkota")]
    public void The_default_home_is_the_systems_or_the_users(bool isRoot, string? data, string? home, string expected)
    {
        Assert.Equal(expected, AgentOptions.DefaultHome(isRoot, name => name == "HOME" ? home : data));
    }

    private async Task<(int Exit, string Out)> TextAsync(params string[] arguments)
    {
        var (exit, output, error) = await RunAsync(arguments);
        Assert.Empty(error);
        return (exit, output);
    }

    private Task<(int Exit, string Out, string Error)> RunAsync(params string[] arguments) =>
        RunAsync(TextReader.Null, arguments);

    private async Task<(int Exit, string Out, string Error)> RunAsync(TextReader input, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await AgentProgram.RunAsync(
            [.. arguments, "--home", _rig.Home.Root],
            new Terminal { In = input, Out = output, Error = error },
            CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}
