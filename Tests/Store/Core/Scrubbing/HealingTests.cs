using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Tests.Server.Calls;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Scrubbing;

/// <summary>Whatever rots or is lost in the store is found by a full scrub and healed by publishing the same releases
/// again.</summary>
public sealed class HealingTests
{
    /// <summary>A store is used for this many faults, so that it stays small.</summary>
    private const int FaultsPerStore = 50;

    private static readonly ObjectKind[] Kinds = [ObjectKind.Pack, ObjectKind.Manifest, ObjectKind.Recipe];

    [Fact]
    [Trait("Category", "Random")]
    public async Task Every_flipped_bit_is_found_and_healed()
    {
        var random = Rounds.Random(20_260_912);
        for (var left = Rounds.Of(200); left > 0; left -= FaultsPerStore)
        {
            await using var bench = await CreateAsync(isIsolated: left % (2 * FaultsPerStore) == 0);
            for (var i = 0; i < Math.Min(left, FaultsPerStore); i++)
            {
                var files = await PristineAsync(bench, Kinds[random.Next(Kinds.Length)]);
                Flip(files[random.Next(files.Count)], random);
                await AssertFoundAndHealedAsync(bench);
                FaultFigures.Add(("flipped_bits", 1));
            }
        }
    }

    [Fact]
    [Trait("Category", "Random")]
    public async Task Every_deleted_pack_is_found_and_healed()
    {
        var random = Rounds.Random(20_260_913);
        await using var bench = await CreateAsync();
        for (var left = Rounds.Of(10); left > 0; left--)
        {
            var files = await bench.FilesAsync(ObjectKind.Pack);
            File.Delete(files[random.Next(files.Count)]);
            await AssertFoundAndHealedAsync(bench);
            FaultFigures.Add(("deleted_packs", 1));
        }
    }

    [Fact]
    public async Task A_release_is_refused_while_a_pack_of_it_is_gone_and_the_next_attempt_sends_it_again()
    {
        await using var bench = await CreateAsync();
        foreach (var file in await bench.FilesAsync(ObjectKind.Pack)) File.Delete(file);

        var refusal = await Assert.ThrowsAsync<ChunkOtaException>(() => bench.TryPublishAsync("1.0.0"));

        Assert.Equal(ErrorCodes.ReleaseIncomplete, refusal.Code);
        await bench.TryPublishAsync("1.0.0");
        await bench.PublishAsync("1.1.0");
        Assert.Equal(0, (await bench.ScrubAsync(ScrubDepth.Full)).Damaged);
        Assert.Empty(await bench.FindAffectedAsync());
    }

    [Fact]
    public async Task A_lost_recipe_is_sent_again_with_its_release()
    {
        await using var bench = await CreateAsync();
        foreach (var file in await bench.FilesAsync(ObjectKind.Recipe)) File.Delete(file);

        await bench.PublishAsync("1.0.0");
        await bench.PublishAsync("1.1.0");

        Assert.Equal(0, (await bench.ScrubAsync(ScrubDepth.Full)).Damaged);
    }

    [Fact]
    public async Task What_is_put_back_is_intact_again_and_serves_as_before()
    {
        await using var bench = await CreateAsync();
        var file = (await bench.FilesAsync(ObjectKind.Pack))[0];
        File.Move(file, file + ".away");
        Assert.Equal(1, (await bench.ScrubAsync(ScrubDepth.Quick)).Damaged);

        File.Move(file + ".away", file);

        Assert.Equal(0, (await bench.ScrubAsync(ScrubDepth.Quick)).Damaged);
        Assert.False(await bench.Catalogue.Damage.HasAnyAsync());
    }

    [Fact]
    public async Task A_quick_scrub_sees_what_is_gone_or_cut_short()
    {
        await using var bench = await CreateAsync();
        var files = await bench.FilesAsync(ObjectKind.Pack);
        File.SetUnixFileMode(files[0], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using (var file = File.OpenWrite(files[0])) file.SetLength(file.Length - 1);
        File.Delete(files[1]);

        Assert.Equal(2, (await bench.ScrubAsync(ScrubDepth.Quick)).Damaged);
        Assert.Equal(
            [ObjectFault.Damaged, ObjectFault.Missing],
            (await bench.Catalogue.Damage.ListAsync(null, 10)).Select(lost => lost.Fault).Order().Reverse());
    }

    [Fact]
    public async Task Damage_that_a_reader_meets_is_marked_at_once_and_told_once()
    {
        await using var bench = await CreateAsync();
        List<DamageChange> told = [];
        bench.Store.Scrubbing.Watch.Observer = (_, change) => told.Add(change);
        var pack = (await bench.Catalogue.Damage.ListObjectsAsync(ObjectKind.Pack, default, 1))[0].Name;
        await bench.Objects.DeleteAsync(pack);

        await bench.Store.Scrubbing.Watch.NoteAsync(new ObjectMissingException(pack), default);
        await bench.Store.Scrubbing.Watch.NoteAsync(new ObjectMissingException(pack), default);
        await bench.Store.Scrubbing.Watch.NoteAsync(new InvalidOperationException("something else"), default);

        Assert.Equal([DamageChange.Found], told);
        Assert.Equal(pack, Assert.Single(await bench.Catalogue.Damage.ListAsync(null, 10)).Name);
    }

    [Fact]
    public async Task A_failure_that_passes_marks_nothing()
    {
        await using var bench = await CreateAsync();
        var pack = (await bench.Catalogue.Damage.ListObjectsAsync(ObjectKind.Pack, default, 1))[0].Name;

        await bench.Store.Scrubbing.Watch.NoteAsync(new ObjectMissingException(pack), default);

        Assert.False(await bench.Catalogue.Damage.HasAnyAsync());
    }

    [Fact]
    public async Task A_rotten_frame_is_never_sent_to_a_device()
    {
        await using var bench = await CreateAsync();
        foreach (var file in await bench.FilesAsync(ObjectKind.Pack)) Flip(file, at: 5000);
        var release = await bench.Catalogue.Releases.FindReleaseAsync("tool", "any", "1.0.0");
        var listing = await bench.Store.Reading.Releases.GetListingAsync(release!.Manifest, default);

        var failure = await Assert.ThrowsAsync<ObjectDamagedException>(async () =>
        {
            foreach (var file in listing.Files)
            {
                var chunks = await bench.Store.Reading.Releases.GetChunksAsync(file, listing.Cut, default);
                var batches = bench.Store.Reading.Chunks.FetchAsync(
                    release.Manifest, [new ChunkRange(file.Entry, 0, (uint)chunks.Count)], default);
                await foreach (var batch in batches) batch.Dispose();
            }
        });

        Assert.Equal(ObjectKind.Pack, failure.Name?.Kind);
    }

    [Fact]
    public async Task What_is_lost_comes_back_from_the_replica_if_it_is_intact_there()
    {
        await using var bench = await CreateAsync(hasReplica: true, isIsolated: true);
        using (var copy = System.Diagnostics.Process.Start("cp", ["-a", bench.ObjectsFolder, bench.ReplicaFolder]))
            await copy.WaitForExitAsync();
        List<ObjectName> restored = [];
        bench.Store.Scrubbing.Watch.Restored = restored.Add;
        var packs = await bench.FilesAsync(ObjectKind.Pack);
        foreach (var file in packs.Concat(await bench.FilesAsync(ObjectKind.Manifest))) File.Delete(file);
        Flip(packs[0].Replace(bench.ObjectsFolder, bench.ReplicaFolder, StringComparison.Ordinal), at: 5000);

        Assert.Equal(1, (await bench.ScrubAsync(ScrubDepth.Quick)).Damaged);

        // The copy of the root, which no server of this test has made, is the fourth.
        Assert.Equal(4, restored.Count);
        Assert.EndsWith(
            Assert.Single(await bench.Catalogue.Damage.ListAsync(null, 10)).Name.ToString(), packs[0],
            StringComparison.Ordinal);
    }

    private static async Task<StoreBench> CreateAsync(bool hasReplica = false, bool isIsolated = false)
    {
        var bench = await StoreBench.CreateAsync(hasReplica: hasReplica, isIsolated: isIsolated);
        await bench.PublishAsync("1.0.0", Tree.Of(("a", 1, 600_000), ("b", 2, 1000), ("c", 3, 900_000)));
        await bench.PublishAsync("1.1.0", Tree.Of(("a", 1, 600_000), ("b", 4, 2000), ("d", 5, 300_000)));
        return bench;
    }

    private static async Task AssertFoundAndHealedAsync(StoreBench bench)
    {
        Assert.True((await bench.ScrubAsync(ScrubDepth.Full)).Damaged > 0);
        Assert.True(await bench.Catalogue.Damage.HasAnyAsync());
        Assert.NotEmpty(await bench.FindAffectedAsync());
        foreach (var version in bench.Versions) await bench.PublishAsync(version);
        Assert.Equal(0, (await bench.ScrubAsync(ScrubDepth.Full)).Damaged);
        Assert.False(await bench.Catalogue.Damage.HasAnyAsync());
        Assert.Empty(await bench.FindAffectedAsync());
    }

    /// <summary>The files of a kind without the rest of earlier faults, which nothing needs any more.</summary>
    private static async Task<List<string>> PristineAsync(StoreBench bench, ObjectKind kind) =>
    [
        .. (await bench.FilesAsync(kind)).Where(file => kind != ObjectKind.Pack
            || Digest.Of(File.ReadAllBytes(file)).ToString() == Path.GetFileName(file)),
    ];

    private static void Flip(string path, Random random)
    {
        var bit = random.NextInt64(8 * new FileInfo(path).Length);
        Flip(path, bit / 8, (byte)(1 << (int)(bit % 8)));
    }

    private static void Flip(string path, long at, byte bit = 0x10)
    {
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var bytes = File.ReadAllBytes(path);
        bytes[at % bytes.Length] ^= bit;
        File.WriteAllBytes(path, bytes);
    }
}
