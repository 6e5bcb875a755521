using ChunkOta.Agent;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>The connection breaks in the middle of an upgrade, wherever that is: the upgrade goes on to its
/// end.</summary>
[Trait("Category", "Random")]
public sealed class CutConnectionTests
{
    private const int Cuts = 500;
    private const int Devices = 4;

    [Fact]
    public async Task A_connection_may_break_after_any_byte_of_an_upgrade()
    {
        await using var rig = await Rig.StartAsync();
        WriteTree(rig.PathOf("first"), revision: 0);
        WriteTree(rig.PathOf("second"), revision: 1);
        (await rig.PublishAsync(rig.PathOf("first"), "1.0.0")).Succeeded();
        var proxies = Enumerable.Range(0, Devices).Select(_ => new CuttingProxy(rig.Server.Grpc.Port)).ToArray();
        foreach (var (index, proxy) in proxies.Index())
            await InstallAsync(rig, proxy, rig.PathOf($"home{index}"));
        (await rig.PublishAsync(rig.PathOf("second"), "1.1.0")).Succeeded();
        var before = proxies[0].Passed;
        await UpgradeAsync(rig, rig.PathOf("home0"));
        var offsets = Enumerable.Range(1, (int)(proxies[0].Passed - before)).ToArray();
        Assert.True(offsets.Length >= Rounds.Of(Cuts), $"an upgrade has only {offsets.Length} bytes");
        Rounds.Random(41).Shuffle(offsets);

        var cuts = offsets.Take(Rounds.Of(Cuts)).Chunk(Devices).ToArray();
        foreach (var some in cuts)
        {
            await Task.WhenAll(some.Zip(proxies).Select(async (cut, index) =>
            {
                var (offset, proxy) = cut;
                proxy.CutAfter(offset, () =>
                {
                    proxy.Mend();
                    return Task.CompletedTask;
                });
                await UpgradeAsync(rig, rig.PathOf($"home{index}"));
                proxy.Mend();
            }));
        }
        foreach (var proxy in proxies)
            await proxy.DisposeAsync();
        FaultFigures.Add(("connection_cuts", cuts.Sum(some => some.Length)));
    }

    private static async Task InstallAsync(Rig rig, CuttingProxy proxy, string home)
    {
        var request = new UpdateRequest
        {
            Product = "app",
            Platform = rig.Platform,
            Server = $"http://127.0.0.1:{proxy.Port}",
            InstallToken = (await File.ReadAllTextAsync(rig.TokenFile)).Trim(),
        };
        await new UpdateAgent(new AgentOptions { Home = home }).InstallAsync(request);
    }

    /// <summary>Upgrades a copy of the device, in this process.</summary>
    private static async Task UpgradeAsync(Rig rig, string home)
    {
        var copy = $"{home}.copy";
        using (var copying = System.Diagnostics.Process.Start("cp", ["-a", home, copy]))
            await copying.WaitForExitAsync();
        var agent = new UpdateAgent(new AgentOptions { Home = copy }, new FastTime());

        await agent.UpgradeAsync(new UpdateRequest { Product = "app" });

        SampleTree.AssertSame(rig.PathOf("second"), Path.Combine(copy, "app", "current"));
        Directory.Delete(copy, recursive: true);
    }

    private static void WriteTree(string folder, int revision)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "large"), SampleTree.Noise(revision, 6_000));
        File.WriteAllText(Path.Combine(folder, "same"), "as ever");
    }

    /// <summary>The system's clock, whose waits pass twenty times faster.</summary>
    private sealed class FastTime : TimeProvider
    {
        public override ITimer CreateTimer(
            TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / 20 : dueTime, period);
    }
}
