using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>
/// What an agent is refused, and what it refuses: one line with a stable code, nothing installed changes, and the next
/// honest run succeeds.
/// </summary>
public sealed class RefusedInstallTests
{
    [Fact]
    public async Task An_unknown_product_is_refused() =>
        await RefusedAsync("NOT_INSTALLED", 6, rig => rig.AgentAsync("upgrade", "nobody"));

    [Fact]
    public async Task An_unknown_version_is_refused() =>
        await RefusedAsync("VERSION_UNKNOWN", 6, rig => rig.AgentAsync("upgrade", "app", "--version", "9.9.9"));

    [Fact]
    public async Task An_unknown_channel_is_refused() =>
        await RefusedAsync("CHANNEL_UNKNOWN", 6, rig => rig.AgentAsync("upgrade", "app", "--channel", "nightly"));

    [Fact]
    public async Task A_token_for_another_product_is_refused() =>
        await FirstInstallRefusedAsync("NOT_ALLOWED", rig => rig.AgentAsync(
            "install", "other", "--server", rig.Url, "--install-token", $"@{rig.TokenFile}"));

    [Fact]
    public async Task A_wrong_token_is_refused() =>
        await FirstInstallRefusedAsync("TOKEN_INVALID", async rig =>
        {
            var real = InstallToken.Parse((await File.ReadAllTextAsync(rig.TokenFile)).Trim());
            var wrong = InstallToken.Of(
                real.Id.Span, SampleTree.Noise(7, 32), real.RootDigest, real.SpkiSha256.Span, real.MinimumCounter);
            return await InstallWithAsync(rig, wrong.ToString());
        });

    [Fact]
    public async Task A_mistyped_token_is_refused_before_it_leaves_the_device() =>
        await FirstInstallRefusedAsync("TOKEN_INVALID", async rig =>
        {
            var token = (await File.ReadAllTextAsync(rig.TokenFile)).Trim();
            return await InstallWithAsync(rig, token[..20] + (token[20] == 'A' ? 'B' : 'A') + token[21..]);
        });

    [Fact]
    public async Task An_expired_token_is_refused() =>
        await FirstInstallRefusedAsync("TOKEN_EXPIRED", async rig =>
        {
            var token = await rig.InstallTokenAsync("--expires", "1m");
            await rig.Server.AdvanceClockAsync(TimeSpan.FromSeconds(62));
            return await InstallWithAsync(rig, token);
        });

    [Fact]
    public async Task A_token_that_is_used_up_is_refused() =>
        await FirstInstallRefusedAsync("TOKEN_INVALID", async rig =>
        {
            var token = await rig.InstallTokenAsync("--uses", "1");
            var home = rig.Home;
            rig.Home = rig.PathOf("first-home");
            (await InstallWithAsync(rig, token)).Succeeded();
            rig.Home = home;
            return await InstallWithAsync(rig, token);
        });

    [Fact]
    public async Task A_server_whose_root_is_not_the_tokens_is_refused() =>
        await FirstInstallRefusedAsync("ROOT_CHAIN", async rig =>
        {
            var real = InstallToken.Parse((await File.ReadAllTextAsync(rig.TokenFile)).Trim());
            var other = InstallToken.Of(
                real.Id.Span, real.Secret.Span, Digest.Of("another root"u8), real.SpkiSha256.Span, real.MinimumCounter);
            return await InstallWithAsync(rig, other.ToString());
        });

    [Fact]
    public async Task A_release_below_the_tokens_minimum_is_refused()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        var real = InstallToken.Parse((await File.ReadAllTextAsync(rig.TokenFile)).Trim());
        var later = InstallToken.Of(
            real.Id.Span, real.Secret.Span, real.RootDigest, real.SpkiSha256.Span, minimumCounter: 2);

        (await InstallWithAsync(rig, later.ToString())).Refused("ROLLBACK", 4);

        Assert.False(Directory.Exists(rig.Current));
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        (await InstallWithAsync(rig, later.ToString())).Succeeded();
        SampleTree.AssertSame(second, rig.Current);
    }

    [Fact]
    public async Task One_of_two_agents_at_once_is_told_that_the_other_works()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");

        var agents = Enumerable.Range(0, 4).Select(_ => rig.StartAgent("upgrade", "app")).ToArray();
        var runs = await Task.WhenAll(agents.Select(agent => ProgramRun.FinishAsync(agent)));

        Assert.Contains(runs, run => run.ExitCode == 0);
        Assert.All(runs.Where(run => run.ExitCode != 0), run => run.Refused("BUSY", 7));
        SampleTree.AssertSame(second, rig.Current);
        (await rig.AgentAsync("verify", "app")).Succeeded();
    }

    [Fact]
    public async Task The_lock_of_a_working_agent_makes_another_one_say_BUSY() =>
        await RefusedAsync("BUSY", 7, async rig =>
        {
            using var held = FileLock.Acquire(Path.Combine(rig.Home, "app", "lock"));
            return await rig.AgentAsync("upgrade", "app");
        });

    private static async Task<ProgramRun> InstallWithAsync(Rig rig, string token)
    {
        var file = rig.PathOf("other.token");
        await File.WriteAllTextAsync(file, token);
        return await rig.AgentAsync(
            "install", "app", "--server", rig.Url, "--install-token", $"@{file}", "--platform", "linux-x64");
    }

    private static async Task FirstInstallRefusedAsync(string code, Func<Rig, Task<ProgramRun>> install)
    {
        await using var rig = await Rig.StartAsync();
        var tree = await rig.PublishSampleAsync(0, "1.0.0");

        (await install(rig)).Refused(code, ExitCodes.Of(code));

        Assert.False(Directory.Exists(rig.Current));
        (await rig.InstallAsync()).Succeeded();
        SampleTree.AssertSame(tree, rig.Current);
    }

    private static async Task RefusedAsync(string code, int exitCode, Func<Rig, Task<ProgramRun>> run)
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");

        (await run(rig)).Refused(code, exitCode);

        SampleTree.AssertSame(first, rig.Current);
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(second, rig.Current);
    }
}
