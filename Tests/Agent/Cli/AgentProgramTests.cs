using System.Text.Json;
using ChunkOta.Agent;
using ChunkOta.Agent.Cli;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Support;

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
    [InlineData("upgrade", "--dryrun")]
    [InlineData("prune", "--keep", "0")]
    [InlineData("prune", "--keep", "1")]
    [InlineData("upgrade", "--link", "Reflink")]
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

        Assert.Matches("^cannot reach .*: trying again\nerror SERVER_UNAVAILABLE: cannot reach [^\n]*\n$", error);
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
        _rig.Source.Publish(
            new TestRelease("1.0.0", 1).File("file", "one").With(manifest =>
                manifest.PublishedUnixSeconds = _rig.Clock.Now.ToUnixTimeSeconds()),
            1);
        await _rig.UpdateAsync();

        var (exit, output, _) = await RunAsync("status");

        Assert.Equal(3, exit);
        Assert.StartsWith("editor 1.0.0 STALE: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_command_has_help_with_examples()
    {
        string[] commands =
            ["install", "upgrade", "revert", "list", "show", "status", "verify", "prune", "trust"];
        foreach (var command in commands)
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
    [InlineData(UpdateStage.Downloading, 50, 200, null, "downloading 25 % of 200 B")]
    [InlineData(UpdateStage.Downloading, 0, 300_000_000, 2_500_000d,
        "downloading 0 % of 300.0 MB, 2.5 MB/s, 2 min 0 s left")]
    [InlineData(UpdateStage.Downloading, 100, 300_000_000, 0d, "downloading 0 % of 300.0 MB, 0 B/s")]
    [InlineData(UpdateStage.Assembling, 1_500_000, 1_500_000, 1_000d,
        "assembling 100 % of 1.5 MB, 1.0 kB/s, 0 s left")]
    [InlineData(UpdateStage.Checking, 0, 0, null, "checking")]
    [InlineData(UpdateStage.RollingBack, 0, 0, null, "rolling back")]
    public void The_progress_line_says_where_the_run_is_how_fast_it_goes_and_how_long_it_will_take(
        UpdateStage stage, long done, long total, double? rate, string expected)
    {
        Assert.Equal(
            expected, ProgressLine.Text(new UpdateProgress(stage, done, total) { BytesPerSecond = rate }));
    }

    [Fact]
    public void Progress_as_json_is_a_line_at_each_stage_and_cause_and_else_one_a_second()
    {
        var (time, error) = (new ManualTime(DateTimeOffset.UnixEpoch), new StringWriter());
        var progress = new ProgressJson(
            new Terminal { In = TextReader.Null, Out = TextWriter.Null, Error = error }, time);

        progress.Report(new UpdateProgress(UpdateStage.Planning));
        for (var i = 0; i <= 20; i++)
        {
            progress.Report(new UpdateProgress(UpdateStage.Downloading, i * 100, 2_000) { BytesPerSecond = 1_000 });
            time.Advance(TimeSpan.FromMilliseconds(100));
        }
        progress.Report(new UpdateProgress(UpdateStage.Downloading, 2_000, 2_000) { Cause = FailureCause.Dns });

        Assert.Equal(
            [
                """{"stage":"planning","done_bytes":0,"total_bytes":0}""",
                Downloading(0, 2),
                Downloading(1000, 1),
                Downloading(2000, 0),
                """{"stage":"downloading","done_bytes":2000,"total_bytes":2000,"cause":"dns"}""",
            ],
            error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));

        static string Downloading(int done, int left) =>
            $$"""{"stage":"downloading","done_bytes":{{done}},"total_bytes":2000"""
            + $$""","bytes_per_second":1000,"seconds_left":{{left}}}""";
    }

    [Fact]
    public void The_progress_line_says_why_a_run_waits()
    {
        Assert.Equal("downloading: waiting (too slow)", ProgressLine.Text(
            new UpdateProgress(UpdateStage.Downloading, 5, 10) { Cause = FailureCause.TooSlow }));
    }

    [Fact]
    public void The_rate_is_that_of_this_run_over_its_last_seconds()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        var rate = new TransferRate(time);
        // 40 MB are there from an earlier run.
        Assert.Null(rate.Observe(new UpdateProgress(UpdateStage.Downloading, 40_000_000, 300_000_000)));
        for (var second = 1; second <= 30; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(2_000_000d, rate.Observe(
                new UpdateProgress(UpdateStage.Downloading, 40_000_000 + (second * 2_000_000), 300_000_000))!.Value,
                1d);
        }
        for (var second = 1; second <= 10; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            rate.Observe(new UpdateProgress(UpdateStage.Downloading, 100_000_000, 300_000_000));
        }
        time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(0d, rate.Observe(new UpdateProgress(UpdateStage.Downloading, 100_000_000, 300_000_000)));
        Assert.Null(rate.Observe(new UpdateProgress(UpdateStage.Assembling, 0, 1)));
    }

    [Theory]
    [InlineData("status", "editor 1.0.0 ok\n")]
    [InlineData("list", "editor 1.0.0 linux-x64 stable\n")]
    [InlineData("verify", "editor 1.0.0 is as installed\n")]
    [InlineData("prune", "removed editor: no release, 0 unfinished\n")]
    public async Task A_product_that_cannot_be_read_does_not_hide_the_others(
        string command, string expected)
    {
        _rig.Clock.Now = TimeProvider.System.GetUtcNow();
        _rig.Source.Publish(new TestRelease("1.0.0", 1).File("file", "one"), 1);
        await _rig.UpdateAsync();
        var damaged = Path.Combine(_rig.Home.Root, "damaged");
        Directory.CreateDirectory(damaged);
        foreach (var name in new[] { "state.a", "state.b" })
            await File.WriteAllTextAsync(Path.Combine(damaged, name), "not a state");

        var (exit, output, error) = await RunAsync(command);
        var (jsonExit, json, _) = await RunAsync(command, "--json");

        Assert.Equal((9, 9), (exit, jsonExit));
        Assert.StartsWith(expected, output, StringComparison.Ordinal);
        Assert.StartsWith("error IO_ERROR: damaged: ", error, StringComparison.Ordinal);
        var answer = JsonDocument.Parse(json).RootElement;
        Assert.Equal("editor", answer.GetProperty("products")[0].GetProperty("product").GetString());
        Assert.Equal("damaged", answer.GetProperty("failures")[0].GetProperty("product").GetString());
        Assert.Equal("IO_ERROR", answer.GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("USAGE", 2, "prune", "--keep", "0")]
    [InlineData("USAGE", 2, "upgrade", "--keep", "-1")]
    [InlineData("USAGE", 2, "trust")]
    [InlineData("USAGE", 2, "trust", "--ca", "x.pem", "--system-ca")]
    [InlineData("NOT_INSTALLED", 6, "trust", "editor", "--system-ca")]
    public async Task What_makes_no_sense_is_refused(string code, int expected, params string[] arguments)
    {
        var (exit, _, error) = await RunAsync(arguments);

        Assert.StartsWith($"error {code}: ", error, StringComparison.Ordinal);
        Assert.Equal(expected, exit);
    }

    [Theory]
    [InlineData(null, "/env", "/home/x", "/env")]
    [InlineData("/option", "relative", null, "/option")]
    [InlineData(null, "relative", "/home/x", null)]
    [InlineData(null, "", "/home/x", "/home/x/.local/share/chunkota")]
    [InlineData(null, null, null, null)]
    [InlineData(null, null, "", null)]
    [InlineData(null, null, "relative", null)]
    public void A_home_is_an_absolute_path_or_refused(string? option, string? variable, string? home, string? expected)
    {
        string Find() => HomeOptions.HomeOf(
            option, isRoot: false, name => name switch { "OTA_HOME" => variable, "HOME" => home, _ => null });

        if (expected is not null)
            Assert.Equal(expected, Find());
        else
            Assert.Equal("CONFIG_INVALID", Assert.Throws<ChunkOtaException>(Find).Code);
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
