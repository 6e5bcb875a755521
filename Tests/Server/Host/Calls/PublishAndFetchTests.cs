using ChunkOta.Chunking;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;
using Grpc.Core;

namespace ChunkOta.Tests.Server.Calls;

public sealed class PublishAndFetchTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly Tree Small =
        Tree.Of(("a/empty", 0, 0), ("a/one", 1, 5000), ("b/large", 2, 3_000_000), ("c", 3, 16 * 1024));

    [Fact]
    public async Task What_was_published_can_be_fetched_chunk_by_chunk()
    {
        using var publisher = await fixture.CreateProductAsync();
        var committed = await publisher.PublishAsync("1.0.0", Small);
        using var device = await fixture.EnrolAsync(publisher);

        var wants = Small.Files.Index().Where(file => file.Item.Chunks.Count != 0)
            .Select(file => TestDevice.Run((uint)file.Index, 0, (uint)file.Item.Chunks.Count));
        var (chunks, _) = await device.FetchAsync(committed.ManifestDigest, Small, [.. wants]);

        Assert.Equal(Small.Files.Sum(file => file.Chunks.Count), chunks.Count);
        Assert.All(Small.Files.Index(), file => Assert.Equal(
            file.Item.Content, file.Item.Chunks.SelectMany((_, number) => chunks[((uint)file.Index, (uint)number)])));
    }

    [Fact]
    public async Task The_figures_of_a_release_tell_what_it_brought()
    {
        using var publisher = await fixture.CreateProductAsync();
        var first = Tree.Of(("a", 101, 700_000), ("b", 102, 900_000), ("b2", 102, 900_000));
        var second = Tree.Of(("a", 101, 700_000), ("b", 103, 900_000));

        var one = (await publisher.PublishAsync("1.0.0", first)).Figures;
        var two = (await publisher.PublishAsync("1.0.1", second)).Figures;

        Assert.Equal(2_500_000UL, one.LogicalBytes);
        Assert.Equal(3UL, one.Files);
        Assert.Equal((ulong)first.Files.Sum(file => file.Chunks.Count), one.Chunks);
        Assert.Equal(1_600_000UL, one.DistinctPlainBytes);
        Assert.Equal(1_600_000UL, one.NewPlainBytes);
        Assert.Equal(900_000UL, two.NewPlainBytes);
        Assert.Equal((ulong)second.Files[1].Chunks.Count, two.NewChunks);
    }

    [Fact]
    public async Task A_second_release_sends_only_what_is_new_and_knows_whole_files()
    {
        using var publisher = await fixture.CreateProductAsync();
        var first = Tree.Of(("a", 111, 700_000), ("b", 112, 900_000), ("s", 114, 900));
        await publisher.PublishAsync("1.0.0", first);
        var begun = await publisher.BeginAsync("1.0.1");

        var known = await publisher.Publishing.FindFilesAsync(new FindFilesRequest
        {
            PublishId = begun.PublishId,
            Files =
            {
                new FileKey { Digest = first.Files[0].Entry.Digest, Size = 700_000 },
                new FileKey { Digest = Digest.Of("other"u8).ToByteString(), Size = 5 },
                new FileKey { Digest = first.Files[2].Entry.Digest, Size = 900 },
                new FileKey { Digest = first.Files[1].Entry.Digest, Size = 900_001 },
            },
        });
        var sent = await publisher.SendAsync(begun, Tree.Of(("a", 111, 700_000), ("b", 113, 900_000)));

        Assert.Equal([0u, 2u], known.Known.Select(file => file.Index));
        Assert.Equal(first.Files[0].Entry.Recipe, known.Known[0].Recipe);
        Assert.True(known.Known[1].Recipe.IsEmpty);
        Assert.Equal(900_000UL, sent.NewPlainBytes);
    }

    [Fact]
    public async Task Frames_that_hold_nothing_new_are_not_stored()
    {
        using var publisher = await fixture.CreateProductAsync();
        var tree = Tree.Of(("a", 121, 700_000));
        var begun = await publisher.BeginAsync("1.0.0");
        var chunks = tree.Files[0].Chunks;

        var first = await publisher.SendFramesAsync(begun, chunks, chunks);
        var again = await publisher.SendFramesAsync(begun, chunks);

        Assert.Equal(700_000UL, first.NewPlainBytes);
        Assert.True(first.StoredBytes < 710_000, $"{first.StoredBytes}");
        Assert.Equal(0UL, again.StoredBytes);
        Assert.Equal(0UL, again.NewChunks);
    }

    [Fact]
    public async Task A_mostly_wanted_frame_is_sent_as_stored_and_little_wanted_ones_are_gathered()
    {
        using var publisher = await fixture.CreateProductAsync();
        var tree = Tree.Of(("large", 131, 6_000_000));
        var committed = await publisher.PublishAsync("1.0.0", tree);
        using var device = await fixture.EnrolAsync(publisher);
        var chunks = tree.Files[0].Chunks;

        var all = await device.FetchAsync(committed.ManifestDigest, tree, TestDevice.Run(0, 0, (uint)chunks.Count));
        var every10Th =
            Enumerable.Range(0, chunks.Count / 10).Select(i => TestDevice.Run(0, (uint)i * 10, 1)).ToArray();
        var some = await device.FetchAsync(committed.ManifestDigest, tree, every10Th);

        Assert.Equal(chunks.Count, all.Chunks.Count);
        Assert.Equal(Frames.Group(chunks).Count(), all.FrameBytes.Count);
        Assert.Equal(every10Th.Length, some.Chunks.Count);
        var wanted = every10Th.Sum(run => chunks[(int)run.First].Length);
        Assert.InRange(some.FrameBytes.Sum(), wanted, wanted + (1024 * some.FrameBytes.Count));
    }

    [Fact]
    public async Task Recipes_and_the_manifest_come_back_as_they_were_signed()
    {
        using var publisher = await fixture.CreateProductAsync();
        var tree = Tree.Of(("large", 141, 2_000_000), ("large2", 142, 4_000_000), ("one", 143, 10));
        var committed = await publisher.PublishAsync("1.0.0", tree);
        using var device = await fixture.EnrolAsync(publisher);

        var manifest = await ReadManifestAsync(device, committed.ManifestDigest);
        var recipes = new Dictionary<uint, List<byte>> { [0] = [], [1] = [] };
        using var fetch = device.Releases.FetchRecipes(
            new FetchRecipesRequest { ManifestDigest = committed.ManifestDigest, Entries = { 1, 0 } });
        await foreach (var message in fetch.ResponseStream.ReadAllAsync())
            foreach (var piece in message.Pieces) recipes[piece.Entry].AddRange(piece.Data);

        VerifiedManifest.Verify(manifest, VerifiedRoot.SelfSigned(publisher.Keys.Root));
        Assert.Equal(committed.ManifestDigest, SignedDocument.DigestOf(manifest).ToByteString());
        Assert.Equal(tree.Files[0].Recipe!.ToBytes(), recipes[0]);
        Assert.Equal(tree.Files[1].Recipe!.ToBytes(), recipes[1]);
    }

    [Fact]
    public async Task A_recipe_is_sent_from_the_byte_on_that_is_missing()
    {
        using var publisher = await fixture.CreateProductAsync();
        var tree = Tree.Of(("large", 144, 2_000_000), ("large2", 145, 2_000_000));
        var committed = await publisher.PublishAsync("1.0.0", tree);
        using var device = await fixture.EnrolAsync(publisher);
        var recipe = tree.Files[0].Recipe!.ToBytes();

        var pieces = await FetchAsync(100);
        Assert.Equal([0u, 1u], pieces.Select(piece => piece.Entry));
        Assert.Equal([100ul, 0ul], pieces.Select(piece => piece.Offset));
        Assert.Equal(recipe[100..], pieces[0].Data.ToByteArray());
        Assert.Equal(tree.Files[1].Recipe!.ToBytes(), pieces[1].Data.ToByteArray());
        Assert.Equal([1u], (await FetchAsync((ulong)recipe.Length)).Select(piece => piece.Entry));
        Assert.Equal("USAGE", await CodeOf(() => FetchAsync((ulong)recipe.Length + 1)));

        async Task<List<RecipePiece>> FetchAsync(ulong offset)
        {
            using var call = device.Releases.FetchRecipes(new FetchRecipesRequest
            {
                ManifestDigest = committed.ManifestDigest,
                Entries = { 0, 1 },
                Offset = offset,
            });
            var sent = new List<RecipePiece>();
            await foreach (var message in call.ResponseStream.ReadAllAsync())
                sent.AddRange(message.Pieces);
            return sent;
        }
    }

    [Fact]
    public async Task Check_for_update_brings_root_pointer_and_manifest_and_then_only_the_difference()
    {
        using var publisher = await fixture.CreateProductAsync();
        var files = Enumerable.Range(0, 300).Select(i => ($"file{i:d4}", 2000 + i, 50)).ToArray();
        var first = await publisher.PublishAsync("1.0.0", Tree.Of(files));
        var second = await publisher.PublishAsync("1.1.0", Tree.Of([.. files.Skip(1), ("new", 2999, 50)]));
        using var device = await fixture.EnrolAsync(publisher);
        var request = new CheckForUpdateRequest { Product = publisher.Product, Platform = TestPublisher.Platform };

        var (header, whole) = await device.CheckAsync(request);
        var (held, nothing) =
            await device.CheckAsync(new(request) { HeldManifestDigest = second.ManifestDigest, RootVersion = 1 });
        var (delta, difference) = await device.CheckAsync(new(request) { HeldManifestDigest = first.ManifestDigest });
        var (asked, _) = await device.CheckAsync(new(request) { Version = "1.0.0" });

        using var decoder = new ZstdDecoder();
        var payload = new byte[header.Manifest.PayloadBytes];
        decoder.Decode(whole, payload);
        Assert.Equal(second.ManifestDigest, Digest.Of(payload).ToByteString());
        Assert.Equal(header.TransferBytes, (ulong)whole.Length);
        Assert.False(header.UsesPrefix);
        var root = VerifiedRoot.First(Assert.Single(header.Roots), SignedDocument.DigestOf(publisher.Keys.Root));
        VerifiedPointer.Verify(header.Pointer, root);
        VerifiedManifest.Verify(
            new Envelope
            {
                PayloadType = PayloadTypes.Manifest,
                Payload = ByteString.CopyFrom(payload),
                Signatures = { header.Signatures },
            },
            root);

        Assert.True(held.IsHeld);
        Assert.Empty(nothing);
        Assert.Empty(held.Roots);

        Assert.True(delta.UsesPrefix);
        Assert.True(difference.Length * 20 < whole.Length, $"{difference.Length} of {whole.Length}");
        var old = (await ReadManifestAsync(device, first.ManifestDigest)).Payload.ToByteArray();
        var again = new byte[delta.Manifest.PayloadBytes];
        decoder.Decode(difference, again, old, 26);
        Assert.Equal(payload, again);

        Assert.Equal(first.ManifestDigest, asked.Manifest.Digest);
    }

    [Fact]
    public async Task Lists_and_figures_tell_what_was_published()
    {
        using var publisher = await fixture.CreateProductAsync();
        await publisher.PublishAsync("1.0.0", Tree.Of(("a", 151, 700_000)));
        await publisher.PublishAsync("1.1.0", Tree.Of(("a", 151, 700_000), ("b", 152, 10)));

        var releases =
            await publisher.Releases.ListReleasesAsync(new ListReleasesRequest { Product = publisher.Product });
        var stats = await publisher.Administration.GetStatsAsync(new GetStatsRequest { Product = publisher.Product });
        var channels =
            await publisher.Administration.ListChannelsAsync(new ListChannelsRequest { Product = publisher.Product });

        Assert.Equal(["1.1.0", "1.0.0"], releases.Releases.Select(release => release.Version));
        Assert.Equal(["stable"], releases.Releases[0].Channels);
        Assert.Empty(releases.Releases[1].Channels);
        Assert.Equal(700_010UL, Assert.Single(stats.Products).DistinctPlainBytes);
        Assert.Equal(1_400_010UL, stats.Products[0].LogicalBytes);
        Assert.Equal(2, stats.Releases.Count);
        Assert.Equal("stable", Assert.Single(channels.Channels).Name);
    }

    private static async Task<string> CodeOf(Func<Task> call) =>
        (await Assert.ThrowsAnyAsync<ChunkOtaException>(call)).Code;

    private static async Task<Envelope> ReadManifestAsync(TestDevice device, ByteString digest)
    {
        using var call = device.Releases.ReadManifest(new ReadManifestRequest { ManifestDigest = digest });
        var bytes = new List<byte>();
        await foreach (var piece in call.ResponseStream.ReadAllAsync()) bytes.AddRange(piece.Piece);
        return Envelope.Parser.ParseFrom(bytes.ToArray());
    }
}
