using System.Runtime.Intrinsics.X86;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>The agent as it ships, one static file, where nothing else is: against a real server, over TLS.</summary>
[Trait("Category", "StaticProgram")]
public sealed class StaticAgentTests
{
    private const int MaxFileBytes = 14_000_000;

    [Fact]
    public void It_is_a_small_file()
    {
        using var jail = Jail.ForAgent();

        Assert.InRange(new FileInfo(jail["ota-agent"]).Length, 1, MaxFileBytes);
    }

    [Fact]
    public async Task Its_selftest_passes()
    {
        using var jail = Jail.ForAgent();

        var run = (await jail.RunAsync("selftest")).Succeeded();

        Assert.Contains("ok   DUR-00 syncfs(-1) says EBADF\n", run.Out, StringComparison.Ordinal);
        var widest = Avx512F.IsSupported ? "Avx512" : Avx2.IsSupported ? "Avx2" : "Vector128";
        Assert.Contains($"ok   blake3 {widest} (in use)\n", run.Out, StringComparison.Ordinal);
        Assert.All(run.Out.TrimEnd().Split('\n'), line => Assert.StartsWith("ok   ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_installs_upgrades_verifies_and_reverts_over_TLS()
    {
        await using var rig = await Rig.StartAsync();
        using var jail = Jail.ForAgent();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await InstallAsync(rig, jail, await TokenAsync(rig), "--json")).Succeeded();
        SampleTree.AssertSame(first, jail.Current);

        var second = await rig.PublishSampleAsync(1, "1.1.0");
        var upgraded = (await jail.RunAsync("upgrade", "app", "--json")).Succeeded().Json;
        Assert.InRange(upgraded.GetProperty("peak_rss_bytes").GetInt64(), 1_000_000, 96_000_000);
        SampleTree.AssertSame(second, jail.Current);
        (await jail.RunAsync("verify", "app")).Succeeded();

        (await jail.RunAsync("revert", "app")).Succeeded();
        SampleTree.AssertSame(first, jail.Current);
        File.AppendAllText($"{jail.Current}/run.sh", "echo other\n");
        Assert.Equal(10, (await jail.RunAsync("verify", "app")).ExitCode);
    }

    [Fact]
    public async Task A_server_with_another_key_than_the_token_pins_is_refused()
    {
        await using var rig = await Rig.StartAsync();
        using var jail = Jail.ForAgent();
        await rig.PublishSampleAsync(0, "1.0.0");
        var real = await TokenAsync(rig);
        var pin = real.SpkiSha256.ToArray();
        pin[31] ^= 1;
        var other = InstallToken.Of(real.Id.Span, real.Secret.Span, real.RootDigest, pin, real.MinimumCounter);

        var run = await InstallAsync(rig, jail, other);

        run.Refused("TLS_REFUSED", 5);
        Assert.Equal(2, run.Error.TrimEnd().Split('\n').Length);
        Assert.False(Directory.Exists(jail.Current));
    }

    /// <summary>The framework's own messages are cut out of the file: what a user reads must be ours.</summary>
    [Fact]
    public async Task A_server_that_is_gone_is_told_in_words()
    {
        await using var rig = await Rig.StartAsync();
        using var jail = Jail.ForAgent();
        await rig.PublishSampleAsync(0, "1.0.0");
        var token = await TokenAsync(rig);
        await rig.Server.StopAsync();

        var run = await InstallAsync(rig, jail, token);

        run.Refused("SERVER_UNAVAILABLE", 8);
        Assert.Contains(rig.Server.Tls.Authority, run.Error, StringComparison.Ordinal);
        Assert.DoesNotMatch("[A-Za-z]_[a-z]", run.Error);
    }

    /// <summary>The rig's install token, which pins the key of the server's certificate.</summary>
    private static async Task<InstallToken> TokenAsync(Rig rig)
    {
        var token = InstallToken.Parse((await File.ReadAllTextAsync(rig.TokenFile)).Trim());
        Assert.Equal(rig.Server.SpkiSha256, token.SpkiSha256.ToArray());
        return token;
    }

    private static async Task<ProgramRun> InstallAsync(Rig rig, Jail jail, InstallToken token, params string[] more)
    {
        await File.WriteAllTextAsync(jail["install.token"], token.ToString());
        return await jail.RunAsync([
            "install", "app", "--server", rig.Server.Tls.ToString(), "--install-token", "@/install.token",
            "--platform", "linux-x64", .. more]);
    }
}
