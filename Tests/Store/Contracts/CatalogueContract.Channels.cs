using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Contracts;

public abstract partial class CatalogueContract
{
    [Fact]
    public async Task A_held_release_is_visible_and_current_nowhere()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([1, 2]), Guid.NewGuid());
        await Publish(Release("1.0.0", 1, 1), 1);
        var held = Release("1.1.0", 2, 2);

        var outcome = await Catalogue.Releases.CommitAsync((await Begin("1.1.0")).Id, held, null);

        await ReopenAsync();
        Assert.False(outcome.IsAlreadyPublished);
        Assert.Equal(held.Manifest, (await Catalogue.Releases.FindNewestAsync("app", "any"))?.Manifest);
        var found = await Catalogue.Releases.FindReleaseAsync(held.Manifest);
        Assert.Empty(found!.Channels);
        Assert.Equal(1ul, (await Catalogue.Releases.FindChannelAsync("app", "any", "stable"))?.Seq);
        Assert.Equal(["1.0.0"], await Catalogue.Releases.ListChannelVersionsAsync("app", "any", "stable"));
        var again = await Catalogue.Releases.CommitAsync((await Begin("1.1.0")).Id, found, null);
        Assert.True(again.IsAlreadyPublished);
        await Catalogue.Releases.PutPointersAsync([Pointer(held, 2)]);
        Assert.Equal(["stable"], (await Catalogue.Releases.FindReleaseAsync(held.Manifest))?.Channels);
    }

    [Fact]
    public async Task Of_several_pointers_all_are_stored_or_none()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([1, 2]), Guid.NewGuid());
        var (one, two) = (Release("1.0.0", 1, 1), Release("1.1.0", 2, 2));
        await Publish(one, 1);
        await Publish(two, 4, "beta");

        Assert.Equal(
            "SEQ_TAKEN",
            await CodeOf(() => Catalogue.Releases.PutPointersAsync([Pointer(two, 2), Pointer(two, 3, "beta")])));
        Assert.Equal(1ul, (await Catalogue.Releases.FindChannelAsync("app", "any", "stable"))?.Seq);

        await Catalogue.Releases.PutPointersAsync([Pointer(two, 2), Pointer(two, 5, "beta")]);
        await ReopenAsync();
        Assert.Equal(
            [("beta", 5ul), ("stable", 2ul)],
            (await Catalogue.Releases.ListChannelsAsync("app")).Select(channel => (channel.Name, channel.Seq)));
    }

    [Fact]
    public async Task A_deleted_channel_keeps_its_last_pointer_and_is_there_again_with_the_next()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([1, 2]), Guid.NewGuid());
        var (one, two) = (Release("1.0.0", 1, 1), Release("1.1.0", 2, 2));
        await Publish(one, 1);
        await Publish(two, 7, "beta");

        var deleted = await Catalogue.Releases.DeleteChannelAsync("app", "beta", null, false);
        await ReopenAsync();

        Assert.Equal(["any"], deleted.Platforms);
        Assert.Null(await Catalogue.Releases.FindChannelAsync("app", "any", "beta"));
        Assert.Empty((await Catalogue.Releases.FindReleaseAsync(two.Manifest))!.Channels);
        Assert.Equal(["stable"], (await Catalogue.Releases.ListChannelsAsync("app")).Select(channel => channel.Name));
        var kept = Assert.Single(
            await Catalogue.Releases.ListChannelsAsync("app", includeDeleted: true), channel => channel.Name == "beta");
        Assert.Equal((7ul, Time.GetUtcNow()), (kept.Seq, kept.Deleted));
        Assert.Equal("CHANNEL_UNKNOWN", await CodeOf(
            () => Catalogue.Releases.DeleteChannelAsync("app", "beta", "any", true)));
        Assert.Equal(
            "CHANNEL_UNKNOWN", await CodeOf(() => Catalogue.Releases.PutPointersAsync([Pointer(two, 8, "beta")])));
        Assert.Equal("SEQ_TAKEN", await CodeOf(() => PutToNewAsync(Pointer(two, 1, "beta"))));
        await PutToNewAsync(Pointer(two, 8, "beta"));
        Assert.Null((await Catalogue.Releases.FindChannelAsync("app", "any", "beta"))!.Deleted);
    }

    [Fact]
    public async Task A_channel_is_followed_by_the_devices_that_report_it_or_were_enrolled_for_it()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([1]), Guid.NewGuid());
        var release = Release("1.0.0", 1, 1);
        await Publish(release, 1);
        await Publish(release, 1, "beta");
        var token = Token("t1");
        await Catalogue.Identities.AddTokenAsync(token);
        var device = await Catalogue.Devices.EnrolAsync(new Enrolment(token.Id, new byte[32], "linux-x64", "1"));

        Assert.Equal("IN_USE", await CodeOf(() => Catalogue.Releases.DeleteChannelAsync("app", "stable", null, false)));
        await Catalogue.Devices.PutReportAsync(new DeviceReport
        {
            DeviceId = device.Id,
            Received = Time.GetUtcNow(),
            Product = "app",
            Platform = "linux-x64",
            Channel = "beta",
            State = 1,
        });

        Assert.Equal("IN_USE", await CodeOf(() => Catalogue.Releases.DeleteChannelAsync("app", "beta", null, false)));
        Assert.Equal(0, (await Catalogue.Releases.DeleteChannelAsync("app", "stable", null, false)).Devices);
        Assert.Equal(1, (await Catalogue.Releases.DeleteChannelAsync("app", "beta", null, true)).Devices);
    }

    [Fact]
    public async Task A_withdrawn_release_is_listed_with_the_reason_and_no_pointer_drops_it()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([1, 2]), Guid.NewGuid());
        var (bad, good) = (Release("1.0.0", 1, 1), Release("1.1.0", 2, 2));
        await Publish(bad, 1);
        await Publish(good, 2);
        var withdrawing = Pointer(good, 3) with { Revoked = [bad.Manifest] };

        await Catalogue.Releases.PutPointersAsync([withdrawing], new Withdrawals("loses settings", []));
        Time.Advance(TimeSpan.FromHours(1));
        await Catalogue.Releases.PutPointersAsync([withdrawing], new Withdrawals("another reason", []));
        await ReopenAsync();

        Assert.Equal(
            new Withdrawal(Time.GetUtcNow() - TimeSpan.FromHours(1), "loses settings"),
            (await Catalogue.Releases.FindReleaseAsync(bad.Manifest))?.Withdrawal);
        Assert.Null((await Catalogue.Releases.FindReleaseAsync(good.Manifest))?.Withdrawal);
        Assert.Equal("POINTER_INVALID", await CodeOf(() => Catalogue.Releases.PutPointersAsync([Pointer(good, 4)])));
        Assert.Equal("POINTER_INVALID", await CodeOf(() => PutToNewAsync(Pointer(good, 1, "beta"))));
        await PutToNewAsync(Pointer(good, 1, "beta") with { Revoked = [bad.Manifest] });
    }

    [Fact]
    public async Task A_reinstated_release_is_listed_without_a_withdrawal_and_pointers_need_not_name_it()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([1, 2]), Guid.NewGuid());
        var (bad, good) = (Release("1.0.0", 1, 1), Release("1.1.0", 2, 2));
        await Publish(bad, 1);
        await Publish(good, 2);
        await Catalogue.Releases.PutPointersAsync([Pointer(good, 3) with { Revoked = [bad.Manifest] }]);
        var without = Pointer(good, 4);

        Assert.Equal("POINTER_INVALID", await CodeOf(() => Catalogue.Releases.PutPointersAsync([without])));
        await Catalogue.Releases.PutPointersAsync([without], new Withdrawals("", [bad.Manifest]));
        await ReopenAsync();

        Assert.Null((await Catalogue.Releases.FindReleaseAsync(bad.Manifest))?.Withdrawal);
        await Catalogue.Releases.PutPointersAsync([Pointer(good, 5)]);
    }

    private Task PutToNewAsync(NewPointer pointer) =>
        Catalogue.Releases.PutPointersAsync([pointer], allowances: Allowances.NewChannel);
}
