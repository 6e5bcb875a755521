using ChunkOta.Protos.V1;
using ChunkOta.Tests.Server.Calls;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server;

/// <summary>The commands that docs/server.md prints for backup and restore, as they are printed.</summary>
public sealed class BackupTests
{
    private static readonly Tree First = Tree.Of(("app", 801, 300_000), ("lib/b", 802, 50_000));
    private static readonly Tree Second = Tree.Of(("app", 803, 300_000), ("lib/b", 802, 50_000));

    [Fact]
    public async Task A_copy_of_a_running_server_is_restored_with_all_it_had_acknowledged()
    {
        using var folder = new TemporaryFolder();
        await using var own = new OwnServer();
        using var publisher = await own.StartAsync();
        var first = await publisher.PublishAsync("1.0.0", First);
        using var device = await own.EnrolAsync(publisher);
        var environment = new Dictionary<string, string?>
        {
            ["DATA"] = own.Process.Data,
            ["BACKUP"] = folder["backup"],
            ["SERVER"] = Programs.Server,
        };

        // Publishes go on while the copy is made.
        var others = PublishManyAsync(publisher);
        (await RunAsync(environment, "backup")).Succeeded();
        await others;
        await own.Process.StopAsync();
        (await RunAsync(environment, "restore")).Succeeded();
        using var restored = await own.StartAsync();

        device.Connect(own.Process);
        foreach (var number in Enumerable.Range(0, First.Files.Count))
        {
            var chunks = (uint)First.Files[number].Chunks.Count;
            var fetched = await device.FetchAsync(
                first.ManifestDigest, First, TestDevice.Run((uint)number, 0, chunks));
            Assert.Equal((int)chunks, fetched.Chunks.Count);
        }

        var releases = await restored.Releases.ListReleasesAsync(
            new ListReleasesRequest { Product = publisher.Product });
        Assert.Contains(releases.Releases, release => release.Version == "1.0.0");
        var refusal = await Assert.ThrowsAsync<ChunkOtaException>(() => restored.PublishAsync("2.0.0", Second));
        Assert.Equal("SERVER_BEHIND", refusal.Code);
        using var http = new HttpClient();
        Assert.StartsWith(
            "degraded: restored from a backup: 1 channel waits for a release of ota-admin publish --after-restore",
            await http.GetStringAsync(new Uri(own.Process.Http, "readyz")), StringComparison.Ordinal);
    }

    private static async Task PublishManyAsync(TestPublisher publisher)
    {
        for (var i = 1; i <= 5; i++)
            await publisher.PublishAsync($"1.0.{i}", Tree.Of(("app", 810 + i, 200_000), ("lib/b", 802, 50_000)));
    }

    private static Task<ProgramRun> RunAsync(IReadOnlyDictionary<string, string?> environment, string block) =>
        ProgramRun.RunAsync(
            environment, "bash", "-ec",
            "ota-server() { dotnet \"$SERVER\" \"$@\"; }\n" + DocBlock.Read("docs/server.md", block));
}
