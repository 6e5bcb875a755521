using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Contracts;

public abstract partial class CatalogueContract
{
    [Fact]
    public async Task A_product_is_created_once_and_never_with_another_root_or_cut()
    {
        var cut = new CutParameters(4096, 16384, 65536, ulong.MaxValue);
        Assert.True(await Catalogue.Identities.CreateProductAsync(Product("tool", cut: cut)));

        Assert.False(await Catalogue.Identities.CreateProductAsync(Product("tool", cut: cut)));
        Assert.False(await Catalogue.Identities.CreateProductAsync(Product("tool")));
        Assert.Equal(
            "PRODUCT_TAKEN", await CodeOf(() => Catalogue.Identities.CreateProductAsync(Product("tool", "other"))));
        Assert.Equal(
            "PRODUCT_TAKEN",
            await CodeOf(() => Catalogue.Identities.CreateProductAsync(Product("tool", cut: CutParameters.Default))));

        await ReopenAsync();
        var found = (await Catalogue.Identities.FindProductAsync("tool"))!;
        Assert.Equal((cut, Hash("root"), 1UL, 0), (found.Cut, found.FirstRoot, found.Root.Version, found.Releases));
        Assert.Equal([1, 2], found.Root.Envelope.ToArray());
        Assert.Equal(CutParameters.Default, (await Catalogue.Identities.FindProductAsync("app"))!.Cut);
        Assert.Null(await Catalogue.Identities.FindProductAsync("none"));
        Assert.Equal(["app", "tool"], (await Catalogue.Identities.ListProductsAsync()).Select(product => product.Name));
        Assert.Single(await Catalogue.Identities.ListRootsAsync("tool", 0, 8));
        Assert.Empty(await Catalogue.Identities.ListRootsAsync("tool", 1, 8));
        Assert.Empty(await Catalogue.Identities.ListRootsAsync("tool", ulong.MaxValue, 8));
    }

    [Fact]
    public async Task Roots_follow_the_newest_one_all_or_none_and_stay_for_ever()
    {
        RootRecord Root(ulong version) => new(version, Hash($"root {version}"), Time.GetUtcNow(), new byte[] { 7 });
        Assert.True(await Catalogue.Identities.CreateProductAsync(Product("tool")));

        await Catalogue.Identities.AddRootsAsync("tool", Hash("root"), [Root(2), Root(3)]);
        Assert.Equal(
            "ROOT_CHAIN", await CodeOf(() => Catalogue.Identities.AddRootsAsync("tool", Hash("root"), [Root(4)])));
        Assert.Equal(
            "ROOT_INVALID",
            await CodeOf(() => Catalogue.Identities.AddRootsAsync(
                "tool", Hash("root 3"), [Root(4), Root(ulong.MaxValue)])));
        Assert.Equal(
            "PRODUCT_UNKNOWN", await CodeOf(() => Catalogue.Identities.AddRootsAsync("none", Hash("root"), [Root(2)])));

        await ReopenAsync();
        var found = (await Catalogue.Identities.FindProductAsync("tool"))!;
        Assert.Equal((Hash("root"), 3ul, Hash("root 3")), (found.FirstRoot, found.Root.Version, found.Root.Digest));
        Assert.Equal(
            [1ul, 2, 3], (await Catalogue.Identities.ListRootsAsync("tool", 0, 8)).Select(root => root.Version));
    }

    [Fact]
    public async Task A_token_is_kept_as_it_was_made_until_it_is_revoked()
    {
        var token = Token("t1") with { Expires = Time.GetUtcNow() + TimeSpan.FromDays(90), Label = "CI" };
        var admin = new TokenRecord
        {
            Id = "t2",
            SecretDigest = Hash("s2"),
            Role = AccessRole.Admin,
            Created = Time.GetUtcNow()
        };
        await Catalogue.Identities.AddTokenAsync(token);
        await Catalogue.Identities.AddTokenAsync(admin);

        Assert.Equal(token, await Catalogue.Identities.FindTokenAsync("t1"));
        Assert.Equal([token, admin], await Catalogue.Identities.ListTokensAsync());
        Assert.Null(await Catalogue.Identities.FindTokenAsync("t3"));
        Assert.Equal("PRODUCT_UNKNOWN", await CodeOf(
            () => Catalogue.Identities.AddTokenAsync(Token("t3") with { Product = "none" })));

        await Catalogue.Identities.RevokeTokenAsync("t1");
        await Catalogue.Identities.RevokeTokenAsync("t1");
        Assert.Equal(token with { IsRevoked = true }, await Catalogue.Identities.FindTokenAsync("t1"));
        Assert.Equal("TOKEN_UNKNOWN", await CodeOf(() => Catalogue.Identities.RevokeTokenAsync("t3")));
    }

    [Fact]
    public async Task A_device_is_enrolled_once_for_each_token_and_key()
    {
        await Catalogue.Identities.AddTokenAsync(Token("t1"));
        await Catalogue.Identities.AddTokenAsync(Token("t2") with { Channel = "beta" });

        var first = await Catalogue.Devices.EnrolAsync(Enrolment("t1", 1));
        var again = await Catalogue.Devices.EnrolAsync(Enrolment("t1", 1));
        var other = await Catalogue.Devices.EnrolAsync(Enrolment("t2", 1));

        Assert.Equal(first.Id, again.Id);
        Assert.NotEqual(first.Id, other.Id);
        Assert.Equal(
            ("app", "stable", "linux-x64", "beta"), (first.Product, first.Channel, first.Platform, other.Channel));
        Assert.Matches("^[0-9a-f]{32}$", first.Id);
        Assert.Equal(1, (await Catalogue.Identities.FindTokenAsync("t1"))!.Used);
        var found = (await Catalogue.Devices.FindDeviceAsync(first.Id))!;
        Assert.Equal(first.PublicKey.ToArray(), found.PublicKey.ToArray());
        Assert.Null(await Catalogue.Devices.FindDeviceAsync("none"));
        Assert.Equal(2, (await Catalogue.Releases.ReadStoreFiguresAsync()).Devices);
    }

    [Fact]
    public async Task Of_many_devices_with_a_token_of_one_use_one_wins()
    {
        await Catalogue.Identities.AddTokenAsync(Token("t1") with { Uses = 1 });

        var codes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                await Catalogue.Devices.EnrolAsync(Enrolment("t1", (byte)i));
                return "";
            }
            catch (ChunkOtaException e)
            {
                return e.Code;
            }
        }));

        Assert.Single(codes, "");
        Assert.Equal(19, codes.Count(code => code == "TOKEN_INVALID"));
    }

    [Fact]
    public async Task A_token_that_is_unknown_revoked_ended_or_of_another_role_enrols_nobody()
    {
        await Catalogue.Identities.AddTokenAsync(Token("revoked") with { IsRevoked = true });
        await Catalogue.Identities.AddTokenAsync(Token("ended") with { Expires = Time.GetUtcNow() });
        await Catalogue.Identities.AddTokenAsync(Token("publisher") with { Role = AccessRole.Publisher });

        Assert.Equal("TOKEN_INVALID", await CodeOf(() => Catalogue.Devices.EnrolAsync(Enrolment("none", 1))));
        Assert.Equal("TOKEN_INVALID", await CodeOf(() => Catalogue.Devices.EnrolAsync(Enrolment("revoked", 1))));
        Assert.Equal("TOKEN_INVALID", await CodeOf(() => Catalogue.Devices.EnrolAsync(Enrolment("publisher", 1))));
        Assert.Equal("TOKEN_EXPIRED", await CodeOf(() => Catalogue.Devices.EnrolAsync(Enrolment("ended", 1))));
        Assert.Equal(0, (await Catalogue.Releases.ReadStoreFiguresAsync()).Devices);
    }

    [Fact]
    public async Task The_newest_report_of_a_device_counts()
    {
        await Catalogue.Identities.AddTokenAsync(Token("t1"));
        var device = await Catalogue.Devices.EnrolAsync(Enrolment("t1", 1));
        var report = new DeviceReport
        {
            DeviceId = device.Id,
            Received = Time.GetUtcNow(),
            Product = "app",
            Platform = "any",
            Channel = "stable",
            State = 5,
            Target = Hash("target"),
            CauseCode = "DISK_FULL",
            CauseText = "full",
            Cause = 9,
            FailedStage = 4,
            WireBytesUp = 1,
            WireBytesDown = ulong.MaxValue,
            AgentVersion = "0.1.0",
        };

        Assert.Null(await Catalogue.Devices.FindReportAsync(device.Id));
        await Catalogue.Devices.PutReportAsync(report);
        Assert.Equal(report with { WireBytesDown = long.MaxValue }, await Catalogue.Devices.FindReportAsync(device.Id));

        var next = report with
        {
            State = 4,
            Running = Hash("running"),
            RunningVersion = "1.0.0",
            Target = null,
            WireBytesDown = 9
        };
        await Catalogue.Devices.PutReportAsync(next);
        Assert.Equal(next, await Catalogue.Devices.FindReportAsync(device.Id));
        Assert.Equal([new RunningRelease(Hash("running"), 1)], await Catalogue.Devices.ListRunningAsync("app"));
        Assert.Empty(await Catalogue.Devices.ListRunningAsync("other"));
        Assert.Single(await Catalogue.Devices.ListRunningAsync("app", "stable"));
        Assert.Empty(await Catalogue.Devices.ListRunningAsync("app", "beta"));
        Assert.Equal(
            "DEVICE_UNKNOWN", await CodeOf(() => Catalogue.Devices.PutReportAsync(next with { DeviceId = "none" })));
    }

    [Fact]
    public async Task A_lease_lives_half_an_hour_after_the_last_renewal()
    {
        var lease = await Begin("1.0.0", "beta", allowsOlder: true);
        Time.Advance(TimeSpan.FromMinutes(29));
        var renewed = await Catalogue.Publishes.RenewAsync(lease.Id);
        Time.Advance(TimeSpan.FromMinutes(29));
        await ReopenAsync();

        Assert.Equal(lease with { Expires = Time.GetUtcNow() + TimeSpan.FromMinutes(1) }, renewed);
        Assert.Equal([renewed], await Catalogue.Publishes.ListAsync());

        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("PUBLISH_UNKNOWN", await CodeOf(() => Catalogue.Publishes.RenewAsync(lease.Id)));
        Assert.Equal("PUBLISH_UNKNOWN", await CodeOf(() => Catalogue.Publishes.RenewAsync(Guid.NewGuid())));
        Assert.Empty(await Catalogue.Publishes.ListAsync());
    }

    [Fact]
    public async Task A_publish_of_an_unknown_product_is_refused() => Assert.Equal(
        "PRODUCT_UNKNOWN",
        await CodeOf(() => Catalogue.Publishes.BeginAsync(
            new NewPublish { Product = "none", Platform = "any", Version = "1.0.0", Channel = "stable" })));

    private TokenRecord Token(string id) => new()
    {
        Id = id,
        SecretDigest = Hash($"secret of {id}"),
        Role = AccessRole.Install,
        Product = "app",
        Channel = "stable",
        Created = Time.GetUtcNow(),
    };

    private static Enrolment Enrolment(string token, byte key) =>
        new(token, Enumerable.Repeat(key, 32).ToArray(), "linux-x64", "0.1.0");
}
