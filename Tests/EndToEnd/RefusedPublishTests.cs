using ChunkOta.Protos;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>
/// What ota-admin and the server refuse to publish: one line with a stable code, nothing becomes visible, and the next
/// honest publish succeeds.
/// </summary>
public sealed class RefusedPublishTests
{
    [Fact]
    public async Task A_tree_that_is_larger_than_the_server_takes_is_refused_before_anything_is_sent()
    {
        await using var rig = await Rig.StartAsync("Limits:ReleaseBytes=1000000");
        var tree = SampleTree.Write(rig.PathOf("tree"), 0);
        var passed = rig.Proxy.Passed;

        var run = await rig.PublishAsync(tree, "1.0.0");

        Assert.Equal((4, "TOO_LARGE"), (run.ExitCode, run.Code));
        Assert.InRange(rig.Proxy.Passed - passed, 1, 50_000);
    }

    [Fact]
    public async Task An_unknown_product_is_refused() =>
        await RefusedAsync("PRODUCT_UNKNOWN", 6, (rig, tree) => rig.AdminAsync(
            "publish", tree, "--product", "nobody", "--version", "2.0.0", "--platform", "linux-x64", "--channel",
            "stable", "--keys", rig.Keys));

    [Fact]
    public async Task A_wrong_token_is_refused() =>
        await RefusedAsync("TOKEN_INVALID", 5, async (rig, tree) =>
        {
            var token = AccessToken.Generate().ToString();
            await File.WriteAllTextAsync(rig.PathOf("wrong.token"), token);
            return await PublishAsync(rig, tree, "--token", $"@{rig.PathOf("wrong.token")}");
        });

    [Fact]
    public async Task An_expired_token_is_refused() =>
        await RefusedAsync("TOKEN_EXPIRED", 5, async (rig, tree) =>
        {
            var token = (await rig.AdminAsync(
                "tokens", "create", "--role", "publisher", "--product", "app", "--expires", "1m")).Succeeded();
            await File.WriteAllTextAsync(rig.PathOf("old.token"), token.Out.Trim());
            await rig.Server.AdvanceClockAsync(TimeSpan.FromSeconds(62));
            return await PublishAsync(rig, tree, "--token", $"@{rig.PathOf("old.token")}");
        });

    [Fact]
    public async Task Keys_of_another_publisher_are_refused() =>
        await RefusedAsync("ROOT_CHAIN", 4, async (rig, tree) =>
        {
            (await rig.AdminAsync("keys", "init", "--out", rig.PathOf("other"))).Succeeded();
            return await PublishAsync(rig, tree, "--keys", rig.PathOf("other"));
        });

    [Fact]
    public async Task A_key_file_that_others_may_read_is_refused() =>
        await RefusedAsync("KEY_EXPOSED", 2, async (rig, tree) =>
        {
            var key = Path.Combine(rig.Keys, "release.key");
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
            var run = await PublishAsync(rig, tree);
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return run;
        });

    [Fact]
    public async Task A_link_that_escapes_is_refused() =>
        await RefusedAsync("LINK_ESCAPE", 2, (rig, tree) => PublishWithAsync(
            rig, tree, at => File.CreateSymbolicLink(at, "../outside"), "lnk"));

    [Fact]
    public async Task An_absolute_link_is_refused() =>
        await RefusedAsync("LINK_ABSOLUTE", 2, (rig, tree) => PublishWithAsync(
            rig, tree, at => File.CreateSymbolicLink(at, "/etc/passwd"), "lnk"));

    [Fact]
    public async Task Paths_that_differ_in_case_alone_are_refused() =>
        await RefusedAsync("PATH_COLLISION", 2, (rig, tree) => PublishWithAsync(
            rig, tree, at => File.WriteAllText(at, "x"), "RUN.sh"));

    [Fact]
    public async Task A_combining_mark_in_a_path_is_refused() =>
        await RefusedAsync("PATH_NOT_PORTABLE", 2, (rig, tree) => PublishWithAsync(
            rig, tree, at => File.WriteAllText(at, "x"), "A\u0308.txt"));

    [Fact]
    public async Task A_name_that_Windows_reserves_is_refused() =>
        await RefusedAsync("PATH_NOT_PORTABLE", 2, (rig, tree) => PublishWithAsync(
            rig, tree, at => File.WriteAllText(at, "x"), "aux.txt"));

    [Fact]
    public async Task A_setuid_file_is_refused() =>
        await RefusedAsync("MODE_REFUSED", 2, (rig, tree) => PublishWithAsync(rig, tree, at =>
        {
            File.WriteAllText(at, "x");
            File.SetUnixFileMode(at, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.SetUser);
        }, "root-me"));

    [Fact]
    public async Task A_version_that_is_not_greater_is_refused() =>
        await RefusedAsync("VERSION_NOT_GREATER", 7, (rig, tree) => rig.AdminAsync(
            "publish", tree, "--product", "app", "--version", "0.9.0", "--platform", "linux-x64", "--channel",
            "stable", "--keys", rig.Keys));

    [Fact]
    public async Task Another_content_under_a_published_version_is_refused() =>
        await RefusedAsync("VERSION_TAKEN", 7, (rig, tree) =>
        {
            File.WriteAllText(Path.Combine(tree, "new-file"), "other content");
            return rig.AdminAsync(
                "publish", tree, "--product", "app", "--version", "1.0.0", "--platform", "linux-x64", "--channel",
                "stable", "--keys", rig.Keys);
        });

    [Fact]
    public async Task A_folder_that_is_not_there_is_refused() =>
        await RefusedAsync("USAGE", 2, (rig, _) => rig.AdminAsync(
            "publish", rig.PathOf("nowhere"), "--product", "app", "--version", "2.0.0", "--platform", "linux-x64",
            "--channel", "stable", "--keys", rig.Keys));

    [Fact]
    public async Task The_same_content_under_a_published_version_is_fine()
    {
        await using var rig = await Rig.StartAsync();
        var tree = await rig.PublishSampleAsync(0, "1.0.0");

        var again = (await rig.PublishAsync(tree, "1.0.0")).Succeeded().Json;

        Assert.True(again.GetProperty("already_published").GetBoolean());
        Assert.Equal(["1.0.0"], await VersionsAsync(rig));
    }

    [Fact]
    public async Task Two_publishers_at_once_both_get_a_counter_of_their_own()
    {
        await using var rig = await Rig.StartAsync();
        var first = SampleTree.Write(rig.PathOf("tree0"), 0);
        var second = SampleTree.Write(rig.PathOf("tree1"), 1);

        var runs = await Task.WhenAll(
            rig.PublishAsync(first, "1.0.0", "--allow-older"), rig.PublishAsync(second, "1.1.0", "--allow-older"));

        Assert.All(runs, run => run.Succeeded());
        Assert.Equal([1L, 2L], runs.Select(run => run.Json.GetProperty("counter").GetInt64()).Order());
        (await rig.InstallAsync()).Succeeded();
        (await rig.AgentAsync("verify", "app")).Succeeded();
    }

    private static Task<ProgramRun> PublishAsync(Rig rig, string tree, params IEnumerable<string> more) =>
        rig.AdminAsync([
        "publish", tree, "--product", "app", "--version", "2.0.0", "--platform", "linux-x64", "--channel", "stable",
        .. more.Contains("--keys") ? more : [.. more, "--keys", rig.Keys]]);

    private static async Task<ProgramRun> PublishWithAsync(Rig rig, string tree, Action<string> spoil, string name)
    {
        var at = Path.Combine(tree, name);
        spoil(at);
        var run = await PublishAsync(rig, tree);
        File.Delete(at);
        return run;
    }

    private static async Task<string[]> VersionsAsync(Rig rig) =>
        [.. (
            await rig.AdminAsync("releases", "app", "--json")).Succeeded().Json.GetProperty("releases").EnumerateArray()
            .Select(release => release.GetProperty("version").GetString()!)];

    /// <param name="code">The stable code that is expected.</param>
    /// <param name="exitCode">The exit code that is expected.</param>
    /// <param name="publish">The publish that must be refused; it gets a changed tree of its own.</param>
    private static async Task RefusedAsync(string code, int exitCode, Func<Rig, string, Task<ProgramRun>> publish)
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        var tree = SampleTree.Write(rig.PathOf("changed"), 1);

        (await publish(rig, tree)).Refused(code, exitCode);

        Assert.Equal(["1.0.0"], await VersionsAsync(rig));
        (await rig.InstallAsync()).Succeeded();
        SampleTree.AssertSame(first, rig.Current);
        (await rig.PublishAsync(tree, "2.0.0")).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(tree, rig.Current);
    }
}
