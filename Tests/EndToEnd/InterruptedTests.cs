using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>
/// A server that is gone half-way, and a disk that is full: nothing acked is lost, nothing is fetched twice.
/// </summary>
public sealed class InterruptedTests
{
    [Fact]
    public async Task A_server_killed_during_an_upgrade_leaves_the_install_and_the_next_run_resumes()
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = BigChange(rig);
        (await rig.PublishAsync(second, "2.0.0")).Succeeded();

        rig.Proxy.CutAfter(10_000_000, rig.Server.KillAsync);
        (await rig.AgentAsync("upgrade", "app")).Refused("SERVER_UNAVAILABLE", 8);
        SampleTree.AssertSame(first, rig.Current);

        await rig.StartServerAsync();
        var resumed = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;
        SampleTree.AssertSame(second, rig.Current);
        Assert.InRange(resumed.GetProperty("wire_bytes_down").GetInt64(), 1, 16_500_000 - 10_000_000 + 5_000_000);
    }

    [Fact]
    public async Task A_server_killed_during_a_publish_shows_no_release_and_the_next_publish_sends_the_rest()
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        var second = BigChange(rig);

        rig.Proxy.CutAfter(10_000_000, rig.Server.KillAsync);
        (await rig.PublishAsync(second, "2.0.0")).Refused("SERVER_UNAVAILABLE", 8);

        await rig.StartServerAsync();
        (await rig.InstallAsync()).Succeeded();
        SampleTree.AssertSame(first, rig.Current);
        (await rig.PublishAsync(second, "2.0.0")).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(second, rig.Current);
    }

    [Fact]
    public async Task A_killed_agent_resumes_from_its_staging()
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = BigChange(rig);
        (await rig.PublishAsync(second, "2.0.0")).Succeeded();

        OwnedProcess? agent = null;
        rig.Proxy.CutAfter(10_000_000, () =>
        {
            agent!.Kill();
            return Task.CompletedTask;
        });
        using (agent = rig.StartAgent("upgrade", "app"))
        {
            Assert.NotEqual(0, (await ProgramRun.FinishAsync(agent)).ExitCode);
        }
        rig.Proxy.Mend();
        SampleTree.AssertSame(first, rig.Current);

        var resumed = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;
        SampleTree.AssertSame(second, rig.Current);
        Assert.InRange(resumed.GetProperty("wire_bytes_down").GetInt64(), 1, 16_500_000 - 10_000_000 + 5_000_000);
    }

    [Fact]
    public async Task A_device_without_room_is_told_before_anything_is_written()
    {
        await using var rig = await Rig.StartAsync();
        var tree = await rig.PublishSampleAsync(0, "1.0.0");
        await using (var small = await SmallDisk.MountAsync(rig.PathOf("small"), megabytes: 3))
        {
            rig.Home = Path.Combine(small.Path, "home");
            (await rig.InstallAsync()).Refused("DISK_FULL", 9);
            Assert.False(Directory.Exists(rig.Current));
        }

        rig.Home = rig.PathOf("home");
        (await rig.InstallAsync()).Succeeded();
        SampleTree.AssertSame(tree, rig.Current);
    }

    [Fact]
    public async Task A_device_whose_disk_fills_up_on_the_way_keeps_what_it_runs()
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");

        var run = await rig.AgentWithAsync("CHUNKOTA_FAULT", "op=Write;at=20;mode=enospc;sticky", "upgrade", "app");
        run.Refused("DISK_FULL", 9);
        SampleTree.AssertSame(first, rig.Current);

        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(second, rig.Current);
    }

    [Fact]
    public async Task A_server_whose_disk_is_full_refuses_the_publish_and_serves_on()
    {
        await using var rig = await Rig.StartAsync();
        await using var small = await SmallDisk.MountAsync(rig.PathOf("small"), megabytes: 12);
        await rig.MoveServerAsync(small.Path);
        var first = await rig.PublishSampleAsync(0, "1.0.0");

        (await rig.PublishAsync(BigChange(rig), "2.0.0")).Refused("STORE_FULL", 8);

        (await rig.InstallAsync()).Succeeded();
        SampleTree.AssertSame(first, rig.Current);
        await rig.Server.StopAsync();
    }

    /// <summary>A tree of 16 MB that shares nothing with the samples, and has about as many files: a release that
    /// shrinks is refused.</summary>
    private static string BigChange(Rig rig)
    {
        var tree = rig.PathOf("big");
        Directory.CreateDirectory(tree);
        for (var i = 0; i < 4; i++) File.WriteAllBytes(
            Path.Combine(tree, $"big{i}"), SampleTree.Noise(1_000 + i, 4_000_000));
        for (var i = 0; i < 40; i++) File.WriteAllText(Path.Combine(tree, $"small{i}"), $"a small file, number {i}");
        return tree;
    }
}
