using System.Text.Json;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>Publish, wait, promote, go back and withdraw, as a device sees them.</summary>
public sealed class PromotionTests
{
    private const string WithDeltas = "Deltas:Workers=1";

    [Fact]
    public async Task The_first_device_after_a_publish_that_waited_downloads_the_delta_and_as_much_as_was_foretold()
    {
        await using var rig = await Rig.StartAsync(WithDeltas);
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = SampleTree.Write(rig.PathOf("tree1"), 1);

        var published = (await rig.PublishAsync(second, "1.1.0", "--wait-deltas=5m")).Succeeded().Json;
        var foretold = (await rig.AgentAsync("upgrade", "app", "--dry-run", "--json")).Succeeded().Json;
        var upgrade = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;

        SampleTree.AssertSame(second, rig.Current);
        Assert.Equal(1, published.GetProperty("deltas").GetProperty("stored").GetInt32());
        Assert.True(upgrade.GetProperty("fetched_delta_bytes").GetInt64() > 0);
        Assert.Equal(0, upgrade.GetProperty("fetched_chunk_bytes").GetInt64());
        AssertForetold(foretold, upgrade);
        Assert.InRange(upgrade.GetProperty("wire_bytes_down").GetInt64(), 3_000, 20_000);
    }

    [Fact]
    public async Task A_dry_run_foretells_the_download_of_an_upgrade_by_chunks()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        await rig.PublishSampleAsync(1, "1.1.0");

        var foretold = (await rig.AgentAsync("upgrade", "app", "--dry-run", "--json")).Succeeded().Json;
        var people = (await rig.AgentAsync("upgrade", "app", "--dry-run")).Succeeded().Out;
        var upgrade = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;

        Assert.True(upgrade.GetProperty("fetched_chunk_bytes").GetInt64() > 0);
        AssertForetold(foretold, upgrade);
        Assert.Matches("(?m) to download \\(.+ of chunks before compression\\)$", people);
        Assert.Matches("(?m)^the dry run itself received [0-9.]+ kB$", people);
        Assert.True(
            foretold.GetProperty("wire_bytes_down").GetInt64() < upgrade.GetProperty("wire_bytes_down").GetInt64());
    }

    [Fact]
    public async Task A_publish_that_ends_before_it_promotes_leaves_the_channel_and_the_same_command_finishes()
    {
        // No worker: the wait cannot end well, and the promotion never comes.
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = SampleTree.Write(rig.PathOf("tree1"), 1);

        var failed = await rig.PublishAsync(second, "1.1.0", "--wait-deltas");

        Assert.Equal((2, "CONFIG_INVALID"), (failed.ExitCode, failed.Code));
        Assert.Contains(
            "app 1.1.0 is stored, but channel stable was not moved",
            failed.Json.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(first, rig.Current);
        // The same command without the wait: nothing is sent again.
        var again = (await rig.PublishAsync(second, "1.1.0")).Succeeded().Json;
        Assert.True(again.GetProperty("already_published").GetBoolean());
        Assert.Equal(0, again.GetProperty("new_chunks").GetInt32());
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(second, rig.Current);
    }

    [FactIfInstalled("sqlite3")]
    public async Task A_publish_that_is_killed_while_it_waits_leaves_the_channel_and_the_same_command_finishes()
    {
        await using var rig = await Rig.StartAsync(WithDeltas);
        var first = SampleTree.Write(rig.PathOf("tree0"), 0);
        File.WriteAllBytes(Path.Combine(first, "large"), Noise(0));
        (await rig.PublishAsync(first, "1.0.0")).Succeeded();
        (await rig.InstallAsync()).Succeeded();
        // Large enough for its delta to take seconds.
        var second = SampleTree.Write(rig.PathOf("tree1"), 1);
        File.WriteAllBytes(Path.Combine(second, "large"), Noise(1));
        string[] publish =
        [
            "publish", second, "--product", "app", "--version", "1.1.0", "--platform", rig.Platform, "--channel",
            "stable", "--keys", rig.Keys, "--json", "--wait-deltas",
        ];

        using (var running = rig.StartAdmin(publish))
        {
            await Eventually.Async(
                "the release is stored", () => Ask(rig, "SELECT count(*) FROM releases") == "2");
            running.Kill();
            await ProgramRun.FinishAsync(running);
        }

        Assert.Equal("1.0.0", await CurrentAsync(rig));
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(first, rig.Current);
        var finished = (await rig.AdminAsync(publish)).Succeeded().Json;
        Assert.True(finished.GetProperty("already_published").GetBoolean());
        Assert.Equal("1.1.0", await CurrentAsync(rig));
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(second, rig.Current);
    }

    [Fact]
    public async Task A_device_that_kept_the_old_release_downloads_only_the_manifest_of_the_new_one()
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();

        (await rig.AdminAsync(
            "rerelease", "app", "1.0.0", "--as", "1.1.1", "--to", "stable", "--keys", rig.Keys)).Succeeded();
        var foretold = (await rig.AgentAsync("upgrade", "app", "--dry-run", "--json")).Succeeded().Json;
        var upgrade = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;

        SampleTree.AssertSame(first, rig.Current);
        Assert.Equal("1.1.1", upgrade.GetProperty("version").GetString());
        Assert.Equal(0, upgrade.GetProperty("download_bytes").GetInt64());
        AssertForetold(foretold, upgrade);
        // The check with the manifest, and what carries it.
        Assert.InRange(upgrade.GetProperty("wire_bytes_down").GetInt64(), 100, 3_000);
    }

    [FactIfInstalled("sqlite3")]
    public async Task A_rerelease_refuses_a_manifest_that_the_server_forged_or_mixed_up()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        await rig.PublishSampleAsync(1, "1.1.0");
        string[] rerelease =
            ["rerelease", "app", "1.0.0", "--as", "1.1.1", "--to", "stable", "--keys", rig.Keys, "--json"];
        await rig.RestartServerAfterAsync(data => Run(
            data,
            """
            UPDATE releases SET version = 'x' WHERE version = '1.0.0';
            UPDATE releases SET version = '1.0.0' WHERE version = '1.1.0';
            UPDATE releases SET version = '1.1.0' WHERE version = 'x';
            """));
        var mixedUp = await rig.AdminAsync(rerelease);
        await rig.RestartServerAfterAsync(data =>
        {
            foreach (var file in Directory.GetFiles(
                Path.Combine(data, "objects", "manifests"), "*", SearchOption.AllDirectories))
            {
                var bytes = File.ReadAllBytes(file);
                bytes[200] ^= 1;
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                File.WriteAllBytes(file, bytes);
            }
        });
        var forged = await rig.AdminAsync(rerelease);

        Assert.Equal((4, "WRONG_TARGET"), (mixedUp.ExitCode, mixedUp.Code));
        Assert.NotEqual(0, forged.ExitCode);
        Assert.Contains(forged.Code, (string[])["DIGEST_MISMATCH", "SIG_INVALID", "OBJECT_DAMAGED"]);
        Assert.DoesNotContain("1.1.1", await VersionsAsync(rig));
    }

    [Fact]
    public async Task A_device_that_runs_a_withdrawn_release_says_so_and_upgrades_and_no_device_installs_it()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        var bad = await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.InstallAsync()).Succeeded();
        SampleTree.AssertSame(bad, rig.Current);
        (await rig.AdminAsync(
            "rerelease", "app", "1.0.0", "--as", "1.1.1", "--to", "stable", "--keys", rig.Keys)).Succeeded();
        (await rig.AdminAsync(
            "withdraw", "app", "1.1.0", "--reason", "loses settings", "--keys", rig.Keys)).Succeeded();

        var forced = await rig.AgentAsync("upgrade", "app", "--version", "1.1.0", "--json");
        Assert.Equal((4, "REVOKED"), (forced.ExitCode, forced.Code));
        // The upgrade learns of it, and breaks off before it is through.
        rig.Proxy.CutAfter(50_000, rig.Server.KillAsync);
        Assert.NotEqual(0, (await rig.AgentAsync("upgrade", "app")).ExitCode);
        var warned = await rig.AgentAsync("status", "app");
        Assert.Equal(4, warned.ExitCode);
        Assert.StartsWith("app 1.1.0 WITHDRAWN by its publisher: run upgrade\n", warned.Out, StringComparison.Ordinal);
        await rig.StartServerAsync();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        var reverted = await rig.AgentAsync("revert", "app", "--json");
        Assert.Equal((4, "REVOKED"), (reverted.ExitCode, reverted.Code));
        var status = await rig.AgentAsync("status", "app");
        Assert.Equal(0, status.ExitCode);
        Assert.StartsWith("app 1.1.1 ok\n", status.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_of_a_deleted_channel_is_told_and_can_follow_another()
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        (await rig.AdminAsync(
            "promote", "app", "1.0.0", "--to", "beta", "--create-channel", "--keys", rig.Keys)).Succeeded();

        var followed = await rig.AdminAsync("channels", "delete", "app", "stable", "--json");
        var deleted = (await rig.AdminAsync("channels", "delete", "app", "stable", "--force", "--json"))
            .Succeeded().Json;

        Assert.Equal((7, "IN_USE"), (followed.ExitCode, followed.Code));
        Assert.EndsWith(
            "--force", followed.Json.GetProperty("error").GetProperty("hint").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, deleted.GetProperty("devices").GetInt32());
        var stranded = await rig.AgentAsync("upgrade", "app", "--json");
        Assert.Equal((6, "CHANNEL_UNKNOWN"), (stranded.ExitCode, stranded.Code));
        SampleTree.AssertSame(first, rig.Current);
        (await rig.AgentAsync("upgrade", "app", "--channel", "beta")).Succeeded();
    }

    private static async Task<List<string?>> VersionsAsync(Rig rig) =>
    [
        .. (await rig.AdminAsync("releases", "app", "--json")).Succeeded().Json.GetProperty("releases").EnumerateArray()
            .Select(release => release.GetProperty("version").GetString()),
    ];

    private static void AssertForetold(JsonElement foretold, JsonElement upgrade)
    {
        Assert.Equal("planned", foretold.GetProperty("state").GetString());
        Assert.Equal(
            upgrade.GetProperty("download_bytes").GetInt64(), foretold.GetProperty("download_bytes").GetInt64());
    }

    private static async Task<string?> CurrentAsync(Rig rig) =>
        (await rig.AdminAsync("channels", "app", "--json")).Succeeded().Json.GetProperty("channels")[0]
        .GetProperty("version").GetString();

    private static byte[] Noise(int seed)
    {
        var noise = new byte[24_000_000];
        new Random(seed).NextBytes(noise);
        return noise;
    }

    private static string Ask(Rig rig, string sql)
    {
        using var sqlite = new System.Diagnostics.Process();
        sqlite.StartInfo = new System.Diagnostics.ProcessStartInfo(
            "sqlite3", [Path.Combine(rig.Server.Data, "catalogue.db"), sql])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        sqlite.Start();
        var answer = sqlite.StandardOutput.ReadToEnd().Trim();
        sqlite.WaitForExit();
        return answer;
    }

    private static void Run(string data, string sql)
    {
        using var sqlite = System.Diagnostics.Process.Start("sqlite3", [Path.Combine(data, "catalogue.db"), sql]);
        sqlite.WaitForExit();
        Assert.Equal(0, sqlite.ExitCode);
    }
}
