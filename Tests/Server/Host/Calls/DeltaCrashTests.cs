using ChunkOta.Client;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>The queue of deltas outlives its server.</summary>
public sealed class DeltaCrashTests
{
    [Fact]
    public async Task A_server_that_is_killed_while_it_makes_a_delta_makes_it_after_its_next_start()
    {
        await using var server = new OwnServer();
        var publisher = await server.StartAsync();
        var (one, two) = (Large(1), Large(2));
        var held = await publisher.PublishAsync("1.0.0", one);
        var wanted = await publisher.PublishAsync("1.1.0", two);
        await WaitUntilRunningAsync(publisher);
        await server.Process.KillAsync();

        publisher = await server.StartAsync("Deltas:Workers=0");
        var left = await ListAsync(publisher);
        var job = Assert.Single(left.Queued);
        Assert.Equal(("1.0.0", "1.1.0", 1u), (job.FromVersion, job.ToVersion, job.Attempts));
        Assert.Empty(left.Built);

        publisher = await server.StartAsync();
        var built = await Trees.WaitForBestAsync(publisher);
        var file = Assert.Single(Directory.GetFiles(
            Path.Combine(server.Process.Data, "objects", "deltas"), "*", SearchOption.AllDirectories));
        Assert.Equal(Convert.ToHexStringLower(built.Digest.Span), Path.GetFileName(file));
        Trees.AssertMakes(await File.ReadAllBytesAsync(file), held.ManifestDigest, one, wanted.ManifestDigest, two);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(server.Process.Data, "scratch")));
    }

    [Fact]
    public async Task A_server_that_is_stopped_while_it_makes_a_delta_stops_in_time_and_counts_no_try()
    {
        await using var server = new OwnServer();
        var publisher = await server.StartAsync();
        await publisher.PublishAsync("1.0.0", Large(1));
        await publisher.PublishAsync("1.1.0", Large(2));
        await WaitUntilRunningAsync(publisher);

        Assert.Equal(0, await server.Process.StopAsync());

        publisher = await server.StartAsync("Deltas:Workers=0");
        Assert.Equal(0u, Assert.Single((await ListAsync(publisher)).Queued).Attempts);
    }

    [Fact]
    public async Task A_delta_that_cannot_be_made_is_told_with_its_error_and_harms_nothing()
    {
        await using var server = new OwnServer();
        var publisher = await server.StartAsync("Deltas:Workers=0");
        var held = await publisher.PublishAsync("1.0.0", Trees.Revision(1));
        var wanted = await publisher.PublishAsync("1.1.0", Trees.Revision(2));
        var packs = Directory.GetFiles(
            Path.Combine(server.Process.Data, "objects", "packs"), "*", SearchOption.AllDirectories);
        foreach (var pack in packs)
        {
            File.SetUnixFileMode(pack, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.WriteAllBytes(pack, new byte[new FileInfo(pack).Length]);
        }

        publisher = await server.StartAsync();
        var job = await Eventually.Async(
            "the job's failure",
            async () => Assert.Single((await ListAsync(publisher)).Queued),
            job => job.Error.Length != 0);

        Assert.Contains("damaged", job.Error, StringComparison.Ordinal);
        Assert.All(
            packs, pack => Assert.DoesNotContain(Path.GetFileName(pack), job.Error, StringComparison.Ordinal));
        using var device = await server.EnrolAsync(publisher);
        var (header, _) = await device.CheckAsync(new CheckForUpdateRequest
        {
            Product = publisher.Product,
            Platform = TestPublisher.Platform,
            HeldManifestDigest = held.ManifestDigest,
        });
        Assert.Equal(wanted.ManifestDigest, header.Manifest.Digest);
        Assert.Empty(header.Deltas);
    }

    /// <summary>A release whose best delta takes seconds: 30 MB that change all over.</summary>
    private static Tree Large(int revision)
    {
        var bytes = Tree.Bytes(66, 30_000_000);
        for (var at = 0; at < bytes.Length; at += 500) bytes[at] ^= (byte)(revision * 37 * (at + 1));
        return new Tree([TreeFile.Of("large", bytes)]);
    }

    /// <summary>
    /// Waits until a job runs. One that ended before it was seen is a failure: its tree is too small.
    /// </summary>
    private static Task<ListDeltasResponse> WaitUntilRunningAsync(TestPublisher publisher) => Eventually.Async(
        "a running job",
        () => ListAsync(publisher),
        list =>
        {
            Assert.NotEmpty(list.Queued);
            return list.Queued.Any(job => job.State == DeltaJobState.Running);
        });

    private static async Task<ListDeltasResponse> ListAsync(TestPublisher publisher) =>
        await publisher.Administration.ListDeltasAsync(new ListDeltasRequest { Product = publisher.Product });
}
