using ChunkOta.Protos.V1;
using Google.Protobuf;
using Grpc.Core;
using DeltaQuality = ChunkOta.Protos.V1.DeltaQuality;

namespace ChunkOta.Tests.Server.Calls;

public sealed class ExplainTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Every_file_that_is_not_kept_is_told_with_its_cause_and_its_share_of_the_delta()
    {
        var publisher = await fixture.CreateProductAsync();
        var zip = Zip(1, 300_000);
        var program = Tree.Bytes(31, 600_000);
        var log = Tree.Bytes(32, 200_000);
        var (stamped, shifted) = (Tree.Bytes(33, 100_000), Tree.Bytes(34, 400_000));
        var held = await publisher.PublishAsync("1.0.0", Files(
            ("kept", Tree.Bytes(30, 50_000)), ("program", program), ("log", log), ("pack.zip", zip),
            ("stamped", stamped),
            ("shifted", shifted), ("old/moved", Tree.Bytes(35, 30_000))));
        var wanted = await publisher.PublishAsync("1.1.0", Files(
            ("kept", Tree.Bytes(30, 50_000)), ("program", Changed(program, every: 100)), (
                "log", Changed(log, every: 5_000)),
            ("pack.zip", Zip(2, 300_000)), ("stamped", Changed(stamped, every: 90_000)),
            ("shifted", [.. shifted[..1000], .. Tree.Bytes(36, 5000), .. shifted[1000..]]), (
                "new/moved", Tree.Bytes(35, 30_000)),
            ("fresh", Tree.Bytes(37, 20_000))));
        var built = await Trees.WaitForBestAsync(publisher);

        var (cost, files) = await ExplainAsync(publisher, held.ManifestDigest, wanted.ManifestDigest);

        Assert.Equal(
            [
                ("fresh", ChangeCause.New), ("log", ChangeCause.Edited), ("new/moved", ChangeCause.Moved), (
                    "pack.zip", ChangeCause.Recompressed),
                ("program", ChangeCause.Rebuilt), ("shifted", ChangeCause.Shifted), ("stamped", ChangeCause.Timestamp),
            ],
            files.Select(file => (file.Path, file.Cause)));
        Assert.All(files, file => Assert.NotEmpty(file.Evidence));
        Assert.All(files, file =>
            Assert.Equal(file.Cause == ChangeCause.Moved ? FileSource.Copy : FileSource.Delta, file.Source));
        Assert.Equal("old/moved", files.Single(file => file.Path == "new/moved").BasePath);
        Assert.Equal((built.Bytes, DeltaQuality.Best, 1UL, 50_000UL), (
            cost.DeltaBytes, cost.DeltaQuality, cost.KeptFiles, cost.KeptBytes));
        Assert.InRange((double)files.Sum(file => (long)file.Bytes) / built.Bytes, 0.98, 1.0);
        Assert.InRange(files.Single(file => file.Path == "fresh").Bytes, 20_000UL, 20_100UL);
    }

    [Fact]
    public async Task Without_a_delta_chunks_are_told_and_they_add_up()
    {
        await using var server = new OwnServer();
        var publisher = await server.StartAsync("Deltas:Workers=0");
        var held = await publisher.PublishAsync("1.0.0", Trees.Revision(1));
        var wanted = await publisher.PublishAsync("1.1.0", Trees.Revision(2));

        var (cost, files) = await ExplainAsync(publisher, held.ManifestDigest, wanted.ManifestDigest);

        Assert.Equal(["lib-1.2/core.so", "program"], files.Select(file => file.Path));
        Assert.Equal("lib-1.1/core.so", files[0].BasePath);
        Assert.All(files, file => Assert.Equal(FileSource.Chunks, file.Source));
        Assert.Equal(0UL, cost.DeltaBytes);
        Assert.Equal((long)cost.ChunkBytes, files.Sum(file => (long)file.Bytes));
    }

    [Fact]
    public async Task A_device_that_holds_nothing_pays_for_all()
    {
        var publisher = await fixture.CreateProductAsync();
        var tree = Trees.Revision(1);
        var wanted = await publisher.PublishAsync("1.0.0", tree);

        var (cost, files) = await ExplainAsync(publisher, ByteString.Empty, wanted.ManifestDigest);

        Assert.All(files, file => Assert.Equal((ChangeCause.New, FileSource.Chunks), (file.Cause, file.Source)));
        Assert.Equal(tree.Files.Sum(file => file.Content.Length), (long)cost.TreeBytes);
        Assert.InRange(cost.ChunkBytes, cost.TreeBytes, cost.TreeBytes + 20_000);
    }

    [Fact]
    public async Task Releases_of_two_products_cannot_be_compared_and_strangers_are_told_nothing()
    {
        var (one, other) = (await fixture.CreateProductAsync(), await fixture.CreateProductAsync());
        var ours = await one.PublishAsync("1.0.0", Trees.Revision(1));
        var theirs = await other.PublishAsync("1.0.0", Trees.Revision(2));
        using var stranger = await fixture.EnrolAsync(other);

        Assert.Equal(
            "RELEASE_UNKNOWN", await CodeOf(() => ExplainAsync(one, theirs.ManifestDigest, ours.ManifestDigest)));
        Assert.Equal("RELEASE_UNKNOWN", await CodeOf(async () =>
        {
            using var call = stranger.Releases.ExplainUpdate(
                new ExplainUpdateRequest { ManifestDigest = ours.ManifestDigest });
            await foreach (var _ in call.ResponseStream.ReadAllAsync()) Assert.Fail("It was told.");
        }));
    }

    private static async Task<(UpdateCost Cost, List<FileCost> Files)> ExplainAsync(
        TestPublisher publisher, ByteString from, ByteString to)
    {
        using var call = publisher.Releases.ExplainUpdate(
            new ExplainUpdateRequest { FromManifestDigest = from, ManifestDigest = to });
        var cost = new UpdateCost();
        var files = new List<FileCost>();
        await foreach (var part in call.ResponseStream.ReadAllAsync())
        {
            cost = part.Cost ?? cost;
            files.AddRange(part.Files);
        }

        return (cost, files);
    }

    private static Tree Files(params (string Path, byte[] Content)[] files) =>
        new([.. files.OrderBy(file => file.Path,
            StringComparer.Ordinal).Select(file => TreeFile.Of(file.Path, file.Content))]);

    private static byte[] Changed(byte[] bytes, int every)
    {
        var changed = (byte[])bytes.Clone();
        for (var at = every / 2; at < changed.Length; at += every) changed[at] ^= 0x55;
        return changed;
    }

    /// <summary>
    /// What a zip of other content looks like: how it begins, then bytes that have nothing in common.
    /// </summary>
    private static byte[] Zip(int seed, int length) => [.. "PK\x03\x04"u8, .. Tree.Bytes(300 + seed, length)];

    private static async Task<string> CodeOf(Func<Task> call) =>
        (await Assert.ThrowsAnyAsync<ChunkOtaException>(call)).Code;
}
