using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>Output that is closed, full or unread, and a session that ends, decide nothing.</summary>
public sealed class OutputTests
{
    private static readonly string[] LostOutputs =
        [">/dev/full", ">/dev/full 2>/dev/full", ">&-", ">&- 2>&-", "<&- >&- 2>&-", "| true"];

    [Theory]
    [InlineData("")]
    [InlineData(" --json")]
    public async Task An_update_is_made_whatever_becomes_of_the_output(string json)
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        foreach (var (index, lost) in LostOutputs.Index())
        {
            rig.Home = rig.PathOf($"home{index}");

            await SucceedsAsync(rig, $"agent install app --server {rig.Url} --install-token @{rig.TokenFile} "
                + $"--platform linux-x64 --version 1.0.0{json} {lost}");
            SampleTree.AssertSame(first, rig.Current);
            await SucceedsAsync(rig, $"agent upgrade app{json} {lost}");
            SampleTree.AssertSame(second, rig.Current);
            await SucceedsAsync(rig, $"agent revert app{json} {lost}");
            SampleTree.AssertSame(first, rig.Current);
            Assert.Empty(await File.ReadAllBytesAsync(Path.Combine(rig.Home, "app", "lock")));
        }
    }

    [Theory]
    [InlineData("agent status app")]
    [InlineData("agent status --json")]
    [InlineData("admin show app 1.0.0")]
    [InlineData("admin releases app --json")]
    [InlineData("server config check --data data")]
    public async Task A_question_whose_answer_is_lost_has_failed_and_one_that_was_read_in_part_has_not(string command)
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();

        foreach (var lost in new[] { ">/dev/full", ">/dev/full 2>/dev/full", ">&-", ">&- 2>&-" })
            Assert.Equal((lost, 9), (lost, (await rig.ShellAsync($"{command} {lost}")).ExitCode));
        var told = await rig.ShellAsync($"{command} >/dev/full");
        Assert.StartsWith("error IO_ERROR: the answer could not be written", told.Error, StringComparison.Ordinal);
        await SucceedsAsync(rig, $"{command} | head -c 1");
    }

    [Fact]
    public async Task What_a_publisher_changes_is_changed_whatever_becomes_of_the_output()
    {
        await using var rig = await Rig.StartAsync();
        foreach (var (index, lost) in LostOutputs.Index())
        {
            var tree = SampleTree.Write(rig.PathOf($"tree{index}"), index);

            await SucceedsAsync(rig, $"admin publish {tree} --product app --version 1.{index}.0 --platform linux-x64 "
                + $"--channel stable --keys {rig.Keys} {lost}");

            (await rig.AdminAsync("show", "app", $"1.{index}.0")).Succeeded();
        }
    }

    [Fact]
    public async Task A_session_that_ends_does_not_end_the_update()
    {
        await using var rig = await Rig.StartAsync();

        var (run, tree) = await rig.InstallAndSignalAsync("HUP", andThen: rig.Proxy.Mend);

        run.Succeeded();

        SampleTree.AssertSame(tree, rig.Current);
    }

    [Fact]
    public async Task A_current_directory_that_is_gone_is_not_needed()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        var gone = $"mkdir {rig.PathOf("gone")}; cd {rig.PathOf("gone")}; rmdir {rig.PathOf("gone")};";

        await SucceedsAsync(rig, $"{gone} agent status app && agent upgrade app && admin releases app");

        SampleTree.AssertSame(second, rig.Current);
        (await rig.ShellAsync($"{gone} agent status --home here")).Refused("CONFIG_INVALID", 2);
    }

    [Fact]
    public async Task Each_call_is_told_also_one_whose_answer_is_not_read_to_its_end()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();

        var run = await rig.AgentAsync("upgrade", "app", "--verbose");

        Assert.Matches("debug: http://.* chunkota.v1.Devices/CheckForUpdate: OK in ", run.Succeeded().Error);
    }

    [Fact]
    public async Task An_upgrade_of_all_products_goes_on_after_one_that_fails()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        (await rig.AdminAsync("products", "create", "zz", "--root", $"{rig.Keys}/root.json")).Succeeded();
        await PublishOtherAsync("1.0.0");
        var token = await rig.AdminAsync("tokens", "create", "--role", "install", "--product", "zz", "--channel",
            "stable");
        (await rig.AgentAsync("install", "zz", "--server", rig.Url, "--install-token", token.Succeeded().Out.Trim(),
            "--platform", "linux-x64")).Succeeded();
        await PublishOtherAsync("1.1.0");
        foreach (var name in new[] { "state.a", "state.b" })
            await File.WriteAllTextAsync(Path.Combine(rig.Home, "app", name), "damaged");

        var human = await rig.AgentAsync("upgrade");
        await PublishOtherAsync("1.2.0");
        var json = await rig.AgentAsync("upgrade", "--json");

        Assert.Equal((9, 9), (human.ExitCode, json.ExitCode));
        Assert.StartsWith("error IO_ERROR: app: ", human.Error, StringComparison.Ordinal);
        Assert.EndsWith("installed zz 1.1.0\n", human.Out, StringComparison.Ordinal);
        Assert.Equal("1.2.0", Assert.Single(json.Json.GetProperty("products").EnumerateArray())
            .GetProperty("version").GetString());
        Assert.Equal("app", Assert.Single(json.Json.GetProperty("failures").EnumerateArray())
            .GetProperty("product").GetString());
        Assert.Equal("IO_ERROR", json.Json.GetProperty("error").GetProperty("code").GetString());

        async Task PublishOtherAsync(string version) => (await rig.AdminAsync(
            "publish", SampleTree.Write(rig.PathOf(version), version[2]), "--product", "zz", "--version", version,
            "--platform", "linux-x64", "--channel", "stable", "--keys", rig.Keys)).Succeeded();
    }

    private static async Task SucceedsAsync(Rig rig, string command) =>
        (await rig.ShellAsync($"set -o pipefail; {command}")).Succeeded();
}
