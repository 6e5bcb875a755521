using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.EndToEnd;
using ChunkOta.Tests.Support;
using ChunkOta.Tests.Watching;
using Google.Protobuf;

namespace ChunkOta.Tests.Networks;

/// <summary>A server that has spent what it may send: it names a time, and devices keep to it.</summary>
[Trait("Category", "Slow")]
public sealed class ThrottledTests
{
    [Fact]
    public async Task An_upgrade_waits_for_as_long_as_the_server_asks_and_asks_no_earlier()
    {
        // Half a megabyte takes half a minute of it.
        await using var rig = await InstalledAsync("Fetch:BytesPerSecond=15000");
        var before = await SpendAsync(rig);

        var run = (await rig.AgentAsync("upgrade", "app")).Succeeded();

        Assert.Equal("1.1.0", await File.ReadAllTextAsync(Path.Combine(rig.Current, "VERSION")));
        Assert.Single(run.Error.Split('\n'), line => line.EndsWith(": trying again", StringComparison.Ordinal));
        // Recipes need no permit: the chunks were asked for twice, and the second time in time.
        Assert.Equal(before + 1, await ThrottledAsync(rig));
    }

    [Fact]
    public async Task A_wait_that_is_too_long_ends_a_command_with_the_time_and_puts_off_watch()
    {
        await using var rig = await InstalledAsync("Fetch:BytesPerSecond=500");
        var before = await SpendAsync(rig);

        var run = await rig.AgentAsync("upgrade", "app");

        run.Refused("THROTTLED", 8);
        Assert.Matches(@"ask again in \d{3,4} s", run.Error);
        Assert.Equal("1.0.0", await File.ReadAllTextAsync(Path.Combine(rig.Current, "VERSION")));

        using var watch = RunningWatch.Start(rig, "Watch:PollSeconds=1");
        await watch.LookAsync();
        var line = await watch.SaysAsync(line => line.Contains("error", StringComparison.Ordinal));
        Assert.StartsWith("app: error THROTTLED: ", line, StringComparison.Ordinal);
        // It polls every second and listens, and both would bring it back much earlier.
        await PublishAsync(rig, "1.2.0");
        Assert.Equal(before + 2, await ThrottledAsync(rig));
        Assert.Equal(0, (await watch.EndAsync()).ExitCode);
    }

    /// <summary>A server with two small releases, of which the first is installed.</summary>
    private static async Task<Rig> InstalledAsync(string limit)
    {
        var rig = await Rig.StartAsync(limit);
        await PublishAsync(rig, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        await PublishAsync(rig, "1.1.0");
        return rig;
    }

    private static async Task PublishAsync(Rig rig, string version)
    {
        var tree = rig.PathOf($"tree-{version}");
        Directory.CreateDirectory(tree);
        await File.WriteAllTextAsync(Path.Combine(tree, "VERSION"), version);
        (await rig.PublishAsync(tree, version)).Succeeded();
    }

    /// <summary>Lets the server send more than it may for a long time: a part of a large release of another
    /// product.</summary>
    /// <returns>The calls that it has refused by then.</returns>
    private static async Task<double> SpendAsync(Rig rig)
    {
        var tree = rig.PathOf("large");
        Directory.CreateDirectory(tree);
        await File.WriteAllBytesAsync(Path.Combine(tree, "large"), SampleTree.Noise(1, 4_000_000));
        (await rig.AdminAsync("products", "create", "other", "--root", $"{rig.Keys}/root.json")).Succeeded();
        var published = (await rig.AdminAsync(
            "publish", tree, "--product", "other", "--version", "1.0.0", "--platform", rig.Platform, "--channel",
            "stable", "--keys", rig.Keys, "--json")).Succeeded().Json;
        using var connection = rig.Server.Connect(rig.Server.AdminToken);
        var request = new FetchChunksRequest
        {
            ManifestDigest = ByteString.CopyFrom(
                Convert.FromHexString(published.GetProperty("manifest_digest").GetString()!)),
            Wants = { new ChunkRun { Entry = 0, First = 0, Count = 20 } },
        };

        using var call = new ChunksClient(connection.Invoker).FetchChunks(request, default);
        try
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
                call.ResponseStream.Current.Dispose();
        }
        catch (RetryLaterException)
        {
            // The rest would come much later.
        }

        return await ThrottledAsync(rig);
    }

    /// <summary>The number of calls that the server refused so.</summary>
    private static async Task<double> ThrottledAsync(Rig rig) =>
        (await MetricsPage.ReadAsync(rig.Server.Metrics!))
        .Sum("chunkota_call_refusals_total", "error_type", "THROTTLED") ?? 0;
}
