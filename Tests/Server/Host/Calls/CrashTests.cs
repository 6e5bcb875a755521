using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>What was acknowledged survives any end of the server; what is damaged is
/// told and never sent as good.</summary>
public sealed class CrashTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestKeys _keys = new();
    private ServerProcess _server = null!;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _keys.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_acknowledged_publish_survives_kill_9_and_a_restart()
    {
        var tree = Tree.Of(("app", 801, 3_000_000), ("small", 802, 10));
        var publisher = await StartAsync();
        await CreateProductAsync(publisher);
        var token = await ServerFixture.CreateInstallTokenAsync(publisher);
        using var device = new TestDevice();
        await device.EnrolAsync(_server, token);
        var committed = await publisher.PublishAsync("1.0.0", tree);

        await _server.KillAsync();
        publisher = await StartAsync();
        device.Connect(_server);

        var (header, _) = await device.CheckAsync(
            new CheckForUpdateRequest { Product = publisher.Product, Platform = TestPublisher.Platform });
        Assert.Equal(committed.ManifestDigest, header.Manifest.Digest);
        var count = (uint)tree.Files[0].Chunks.Count;
        var (chunks, _) = await device.FetchAsync(
            committed.ManifestDigest, tree, TestDevice.Run(0, 0, count), TestDevice.Run(1, 0, 1));
        Assert.Equal((int)count + 1, chunks.Count);
        await publisher.PublishAsync("1.0.1", Tree.Of(("app", 801, 3_000_000)));
    }

    [Fact]
    public async Task A_publish_is_gone_on_with_after_kill_9_and_sends_nothing_twice()
    {
        var tree = Tree.Of(("a", 811, 3_000_000), ("b", 812, 3_000_000));
        var publisher = await StartAsync();
        await CreateProductAsync(publisher);
        var begun = await publisher.BeginAsync("1.0.0");
        await publisher.SendFramesAsync(begun, tree.Files[0].Chunks);
        using (var unfinished = publisher.Chunks.PutFrames(default))
        {
            using var encoder = new ChunkOta.Chunking.ZstdEncoder(3);
            var (frame, lengths) = Frames.Encode([tree.Files[1].Chunks[0]], encoder);
            await unfinished.RequestStream.WriteAsync(new PushedFrame(begun.PublishId.Memory, lengths, frame));
            await _server.KillAsync();
        }

        publisher = await StartAsync();
        var missing = await publisher.FindMissingAsync(begun, [.. tree.Files[0].Chunks.Select(chunk => chunk.Hash)]);
        var sent = await publisher.SendAsync(begun, tree);
        await publisher.CommitAsync(begun, publisher.ManifestOf(begun, "1.0.0", tree));

        Assert.DoesNotContain(true, missing);
        Assert.Equal(3_000_000UL, sent.NewPlainBytes);
    }

    /// <summary>The first write is the copy of the product's root.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_full_disk_refuses_a_publish_cleanly_and_the_next_succeeds(int write)
    {
        var tree = Tree.Of(("app", 841, 500_000));
        _server = await ServerProcess.StartFaultyAsync(
            _folder["data"], $"mode=enospc;op=Write;path=objects/tmp;at={write}");
        var publisher = Publisher();
        await CreateProductAsync(publisher);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => publisher.PublishAsync("1.0.0", tree));

        Assert.Equal(ErrorCodes.StoreFull, failure.Code);
        var releases =
            await publisher.Releases.ListReleasesAsync(new ListReleasesRequest { Product = publisher.Product });
        Assert.Empty(releases.Releases);
        await publisher.PublishAsync("1.0.0", tree);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Damage_in_a_stored_pack_never_passes_for_a_chunk(bool isWholeFrameWanted)
    {
        var tree = Tree.Of(("app", 821, 500_000));
        var publisher = await StartAsync();
        await CreateProductAsync(publisher);
        var committed = await publisher.PublishAsync("1.0.0", tree);
        using var device = new TestDevice();
        await device.EnrolAsync(_server, await ServerFixture.CreateInstallTokenAsync(publisher));
        var pack = Assert.Single(
            Directory.GetFiles(Path.Combine(_server.Data, "objects", "packs"), "*", SearchOption.AllDirectories));
        var bytes = await File.ReadAllBytesAsync(pack);
        for (var at = 100; at < bytes.Length - 5000; at += 1000) bytes[at] ^= 0x10;
        File.SetAttributes(pack, FileAttributes.Normal);
        await File.WriteAllBytesAsync(pack, bytes);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => device.FetchAsync(
            committed.ManifestDigest, tree,
            TestDevice.Run(0, 0, isWholeFrameWanted ? (uint)tree.Files[0].Chunks.Count : 1)));

        // A whole frame is verified before it goes out, and a fresh one is made of verified chunks only.
        Assert.Equal(ErrorCodes.ObjectDamaged, failure.Code);
    }

    [Fact]
    public async Task A_manifest_that_was_damaged_in_the_store_is_not_sent()
    {
        var tree = Tree.Of(("app", 831, 500_000));
        var publisher = await StartAsync();
        await CreateProductAsync(publisher);
        await publisher.PublishAsync("1.0.0", tree);
        using var device = new TestDevice();
        await device.EnrolAsync(_server, await ServerFixture.CreateInstallTokenAsync(publisher));
        var manifest = Assert.Single(
            Directory.GetFiles(
                Path.Combine(_server.Data, "objects", "manifests"), "*", SearchOption.AllDirectories));
        var bytes = await File.ReadAllBytesAsync(manifest);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(manifest, bytes);
        await _server.StopAsync();
        publisher = await StartAsync();
        device.Connect(_server);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => device.CheckAsync(
            new CheckForUpdateRequest { Product = publisher.Product, Platform = TestPublisher.Platform }));

        Assert.Equal(ErrorCodes.ObjectDamaged, failure.Code);
    }

    private async Task<TestPublisher> StartAsync()
    {
        _server = await ServerProcess.StartAsync(_folder["data"]);
        return Publisher();
    }

    private TestPublisher Publisher() => new(_server.Connect(_server.AdminToken), _keys, "tool");

    private static async Task CreateProductAsync(TestPublisher publisher) =>
        await publisher.Administration.CreateProductAsync(
        new CreateProductRequest { Name = publisher.Product, Root = publisher.Keys.Root });
}
