using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Contracts;

/// <summary>Copies of a catalogue, for backups.</summary>
public abstract partial class CatalogueContract
{
    [Fact]
    public async Task A_copy_has_the_same_rows_and_comes_back_into_an_empty_catalogue_of_the_engine()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        await Publish(Release("1.0.0", 1, 100, 200), 1);
        using var folder = new TemporaryFolder();
        await using (var copy = SqliteCatalogue.Open(folder["copy.db"], Time))
        {
            await Catalogue.CopyToAsync(copy);

            Assert.Equal(await DescribeAsync(Catalogue), await DescribeAsync(copy));
            Assert.Empty(await copy.Publishes.ListAsync());
            await copy.Restores.AddAsync(Time.GetUtcNow());
        }

        await using var back = await OpenEmptyAsync(folder["back.db"]);
        await using (var copy = SqliteCatalogue.Open(folder["copy.db"], Time))
            await copy.CopyToAsync(back);

        Assert.Equal(await DescribeAsync(Catalogue), await DescribeAsync(back));
        Assert.Equal([new BehindChannel("app", "any", "stable")], await back.Restores.ListBehindAsync());
        // Numbers of rows go on: nothing that is added meets what was copied.
        await back.Identities.CreateProductAsync(Product("other"));
        await back.Chunks.AddPackAsync(Pack([300]), Guid.NewGuid());
    }

    [Fact]
    public async Task A_restored_catalogue_tells_from_where_numbers_go_on_and_who_is_behind()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        await Publish(Release("1.0.0", 1, 100), 1);
        Assert.Null(await Catalogue.Restores.FindLastAsync());
        Assert.Empty(await Catalogue.Restores.ListBehindAsync());
        var taken = Time.GetUtcNow();
        Time.Advance(TimeSpan.FromDays(1));

        await Catalogue.Restores.AddAsync(taken);

        var now = Time.GetUtcNow();
        var least = (ulong)now.ToUnixTimeSeconds();
        Assert.Equal(new RestoreRecord(taken, now, least), await Catalogue.Restores.FindLastAsync());
        Assert.Equal([new BehindChannel("app", "any", "stable")], await Catalogue.Restores.ListBehindAsync());
        Assert.True(Assert.Single(await Catalogue.Releases.ListChannelsAsync("app")).IsBehind);
    }

    [Fact]
    public async Task Numbers_go_on_beyond_all_restores_whatever_the_clock_says()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        await Publish(Release("1.0.0", 1, 100), 1);
        await Catalogue.Restores.AddAsync(Time.GetUtcNow());
        var first = (await Catalogue.Restores.FindLastAsync())!.LeastNumber;
        Time.Advance(TimeSpan.FromDays(-30));

        await Catalogue.Restores.AddAsync(Time.GetUtcNow());

        var second = (await Catalogue.Restores.FindLastAsync())!.LeastNumber;
        Assert.Equal(first + (ulong)IRestoreCatalogue.Distance, second);
        // A newer backup than the one that is restored knows of a clock that was years ahead.
        await Catalogue.Restores.AddAsync(Time.GetUtcNow(), 4_000_000_000);
        var third = (await Catalogue.Restores.FindLastAsync())!.LeastNumber;
        Assert.Equal(4_000_000_000ul + (ulong)IRestoreCatalogue.Distance, third);
        Assert.Equal((long)third, await Catalogue.Restores.ReadHighestAsync());
        // What the server asks for is what it accepts.
        await PublishAfterRestoreAsync(Release("1.1.0", third, 200), third);
    }

    [Fact]
    public async Task A_publisher_that_signed_ever_higher_numbers_leaves_those_of_a_restore_to_all_others()
    {
        const ulong Limit = (ulong)IRestoreCatalogue.MaxLeftBehind;
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        await Publish(Release("1.0.0", 1, 100), 1);
        await Catalogue.Restores.AddAsync(Time.GetUtcNow(), (long)Limit - IRestoreCatalogue.Distance);
        Assert.Equal(Limit, (await Catalogue.Restores.FindLastAsync())!.LeastNumber);
        var next = Release("1.1.0", Limit + 1_000_000, 200);
        await PublishAfterRestoreAsync(next, Limit + 1_000_000);
        await Catalogue.Releases.PutPointersAsync(
            [.. Enumerable.Range(2, 3).Select(step => Pointer(next, Limit + ((ulong)step * 1_000_000)))]);

        await Catalogue.Restores.AddAsync(Time.GetUtcNow());

        var least = (await Catalogue.Restores.FindLastAsync())!.LeastNumber;
        Assert.Equal(Limit + (ulong)IRestoreCatalogue.Distance, least);
        Assert.Equal((long)least, await Catalogue.Restores.ReadHighestAsync());
        // Its own channel goes on from what it signed.
        Assert.Empty(await Catalogue.Restores.ListBehindAsync());
        await Catalogue.Releases.PutPointersAsync([Pointer(next, Limit + 4_000_001)]);
    }

    [Fact]
    public async Task A_channel_is_behind_until_its_pointer_and_its_release_are_of_after_the_restore()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        var old = Release("1.0.0", 1, 100);
        await Publish(old, 1);
        await Catalogue.Releases.PutPointersAsync([Pointer(old, 1, "beta")], allowances: Allowances.NewChannel);
        await Catalogue.Restores.AddAsync(Time.GetUtcNow());
        var least = (await Catalogue.Restores.FindLastAsync())!.LeastNumber;
        var next = Release("1.1.0", least, 200);

        await PublishAfterRestoreAsync(next, least);

        BehindChannel[] beta = [new("app", "any", "beta")];
        Assert.Equal(beta, await Catalogue.Restores.ListBehindAsync());
        // A renewal helps devices that are not ahead, and the others know as before.
        await Catalogue.Releases.PutPointersAsync([Pointer(old, least, "beta")]);
        Assert.Equal(beta, await Catalogue.Restores.ListBehindAsync());
        Assert.True((await Catalogue.Releases.FindChannelAsync("app", "any", "beta"))!.IsBehind);
        Assert.False((await Catalogue.Releases.FindChannelAsync("app", "any", "stable"))!.IsBehind);
        await Catalogue.Releases.PutPointersAsync([Pointer(next, least + 1, "beta")]);
        Assert.Empty(await Catalogue.Restores.ListBehindAsync());
        Assert.False((await Catalogue.Releases.FindChannelAsync("app", "any", "beta"))!.IsBehind);
    }

    [Fact]
    public async Task One_backup_runs_at_a_time_and_one_that_lost_its_lease_changes_nothing()
    {
        var (first, backups) = (await Catalogue.Backups.BeginAsync(), Catalogue.Backups);
        Assert.NotNull(first);
        Time.Advance(IBackupCatalogue.Lease - TimeSpan.FromSeconds(1));
        Assert.Null(await backups.BeginAsync());
        await backups.RenewAsync(first.Value);
        Time.Advance(IBackupCatalogue.Lease - TimeSpan.FromSeconds(1));
        Assert.Null(await backups.BeginAsync());
        Time.Advance(TimeSpan.FromSeconds(1));

        var second = await backups.BeginAsync();

        Assert.NotNull(second);
        await Assert.ThrowsAsync<BackupLostException>(() => backups.RenewAsync(first.Value));
        var made = new LastBackup(Time.GetUtcNow(), "/backups");
        await backups.EndAsync(first.Value, made);
        Assert.Null(await backups.FindLastAsync());
        Assert.Null(await backups.BeginAsync());
        await backups.EndAsync(second.Value, made);
        Assert.Equal(made, await backups.FindLastAsync());
        await ReopenAsync();
        Assert.Equal(made, await Catalogue.Backups.FindLastAsync());
        // A lease of a clock that was ahead holds nobody up.
        Time.Advance(TimeSpan.FromDays(300));
        Assert.NotNull(await Catalogue.Backups.BeginAsync());
        Time.Advance(TimeSpan.FromDays(-300));
        Assert.NotNull(await Catalogue.Backups.BeginAsync());
    }

    private async Task PublishAfterRestoreAsync(NewRelease release, ulong seq)
    {
        var lease = await Catalogue.Publishes.BeginAsync(new NewPublish
        {
            Product = "app",
            Platform = "any",
            Version = release.Version,
            Channel = "stable",
            Allowances = Allowances.Empty | Allowances.Shrink | Allowances.AfterRestore,
        });
        _ = await Catalogue.Releases.CommitAsync(lease.Id, release, Pointer(release, seq));
    }

    /// <summary>Opens a database without rows, of the engine of this test.</summary>
    protected abstract Task<ICatalogue> OpenEmptyAsync(string path);

    private static async Task<string> DescribeAsync(ICatalogue catalogue)
    {
        var releases = await catalogue.Releases.ListReleasesAsync(new ReleaseQuery());
        var channels = await catalogue.Releases.ListChannelsAsync(null);
        var figures = await catalogue.Releases.ReadStoreFiguresAsync();
        var packs = await catalogue.Damage.ListObjectsAsync(ObjectKind.Pack, default, 100);
        return string.Join(
            '\n',
            releases.Releases.Select(release => $"{release.Version} {release.Counter} {release.Manifest}")
                .Concat(channels.Select(channel => $"{channel.Name} {channel.Seq} {channel.Current} {channel.Expires}"))
                .Concat(packs.Select(pack => $"{pack.Name} {pack.Bytes}"))
                .Append($"{figures}"));
    }
}
