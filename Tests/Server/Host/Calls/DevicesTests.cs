using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Tests.Server.Calls;

public sealed class DevicesTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly Tree Content = Tree.Of(("app", 701, 100_000));

    [Fact]
    public async Task A_token_for_one_device_enrols_exactly_one_of_eight_that_come_at_once()
    {
        using var publisher = await fixture.CreateProductAsync();
        var token = InstallToken.Parse(await ServerFixture.CreateInstallTokenAsync(publisher, uses: 1));
        var devices = Enumerable.Range(0, 8).Select(_ => new TestDevice()).ToList();
        devices.ForEach(device => device.Connect(fixture.Server));

        var outcomes = await Task.WhenAll(devices.Select(async device =>
        {
            try
            {
                return (await device.Devices.EnrolAsync(device.EnrolRequestFor(token))).DeviceId;
            }
            catch (ChunkOtaException failure)
            {
                return failure.Code;
            }
        }));

        // Few enough for the limit on the wrong tokens of an address, which all tests of this server share.
        Assert.Equal(7, outcomes.Count(outcome => outcome == ErrorCodes.TokenInvalid));
        Assert.Single(outcomes, outcome => Names.IsValid(outcome));
        var tokens = await publisher.Administration.ListTokensAsync(new ListTokensRequest());
        Assert.Equal(1u, tokens.Tokens.Single(listed => listed.TokenId == token.IdText).Used);
        devices.ForEach(device => device.Dispose());
    }

    [Fact]
    public async Task The_same_key_with_the_same_token_gets_the_same_id_and_uses_nothing_up()
    {
        using var publisher = await fixture.CreateProductAsync();
        var token = await ServerFixture.CreateInstallTokenAsync(publisher, uses: 1);
        using var device = new TestDevice();

        var first = await device.EnrolAsync(fixture.Server, token);
        var again = await device.Devices.EnrolAsync(device.EnrolRequestFor(InstallToken.Parse(token)));

        Assert.Equal(first, again);
        Assert.Equal(publisher.Product, first.Product);
        Assert.Equal(TestPublisher.Channel, first.Channel);
    }

    [Fact]
    public async Task An_install_token_pins_the_root_and_the_servers_key()
    {
        using var publisher = await fixture.CreateProductAsync();

        var token = InstallToken.Parse(await ServerFixture.CreateInstallTokenAsync(publisher));

        Assert.Equal(SignedDocument.DigestOf(publisher.Keys.Root), token.RootDigest);
        Assert.Equal(fixture.Server.SpkiSha256, token.SpkiSha256.ToArray());
        Assert.Equal(0UL, token.MinimumCounter);
    }

    [Fact]
    public async Task Whatever_is_wrong_with_an_install_token_the_answer_is_the_same()
    {
        using var publisher = await fixture.CreateProductAsync();
        var good = InstallToken.Parse(await ServerFixture.CreateInstallTokenAsync(publisher));
        var usedUp = InstallToken.Parse(await ServerFixture.CreateInstallTokenAsync(publisher, uses: 1));
        using var winner = new TestDevice();
        await winner.EnrolAsync(fixture.Server, usedUp.ToString());
        var revoked = InstallToken.Parse(await ServerFixture.CreateInstallTokenAsync(publisher));
        await publisher.Administration.RevokeTokenAsync(new RevokeTokenRequest { TokenId = revoked.IdText });
        var admin = AccessToken.Parse(fixture.Server.AdminToken);
        InstallToken[] tokens =
        [
            InstallToken.Of(good.Id.Span, new byte[32], good.RootDigest, [], 0),
            InstallToken.Generate(good.RootDigest, [], 0),
            revoked,
            usedUp,
            InstallToken.Of(admin.Id.Span, admin.Secret.Span, good.RootDigest, [], 0),
        ];
        using var device = new TestDevice();
        device.Connect(fixture.Server);

        var codes = new List<string>();
        foreach (var token in tokens)
        {
            var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(async () =>
                await device.Devices.EnrolAsync(device.EnrolRequestFor(token)));
            codes.Add(failure.Code);
        }

        Assert.All(codes, code => Assert.Equal(ErrorCodes.TokenInvalid, code));
    }

    [Fact]
    public async Task A_key_that_the_device_does_not_have_cannot_be_enrolled()
    {
        using var publisher = await fixture.CreateProductAsync();
        var token = InstallToken.Parse(await ServerFixture.CreateInstallTokenAsync(publisher));
        using var device = new TestDevice();
        using var other = new TestDevice();
        device.Connect(fixture.Server);

        var request = device.EnrolRequestFor(token);
        request.PublicKey = other.EnrolRequestFor(token).PublicKey;

        Assert.Equal(ErrorCodes.SigInvalid, await CodeOfAsync(async () => await device.Devices.EnrolAsync(request)));
    }

    [Fact]
    public async Task A_call_that_is_replayed_is_refused()
    {
        using var publisher = await fixture.CreateProductAsync();
        await publisher.PublishAsync("1.0.0", Content);
        using var device = await fixture.EnrolAsync(publisher);
        var recorder = new Recorder(device);
        using var connection = fixture.Server.Connect(recorder);
        var request = new ReportRequest { Product = publisher.Product, State = DeviceState.Idle };

        await new Devices.DevicesClient(connection.Invoker).ReportAsync(request);
        recorder.Replays = true;

        Assert.Equal(
            ErrorCodes.Replay,
            await CodeOfAsync(async () =>
                await new Devices.DevicesClient(connection.Invoker).ReportAsync(request)));
        recorder.Replays = false;
        await new Devices.DevicesClient(connection.Invoker).ReportAsync(request);
    }

    [Fact]
    public async Task A_signature_for_another_call_is_refused()
    {
        using var publisher = await fixture.CreateProductAsync();
        await publisher.PublishAsync("1.0.0", Content);
        using var device = await fixture.EnrolAsync(publisher);
        using var connection = fixture.Server.Connect(new Redirector(device));

        Assert.Equal(ErrorCodes.DeviceUnknown, await CodeOfAsync(async () =>
            await new Devices.DevicesClient(connection.Invoker)
                .ReportAsync(new ReportRequest { Product = publisher.Product })));
    }

    [Theory]
    [InlineData("", "DEVICE_UNKNOWN")]
    [InlineData("updates.example:8443", null)]
    [InlineData("other.example", "DEVICE_UNKNOWN")]
    public async Task A_device_behind_a_proxy_signs_a_public_name(string publicName, string? code)
    {
        await using var own = new OwnServer();
        using var publisher = await own.StartAsync(
            publicName.Length == 0 ? [] : [$"Listen:PublicNames:0={publicName}"]);
        using var device = new TestDevice();
        device.Connect(own.Process);
        await device.EnrolAsync(own.Process, await ServerFixture.CreateInstallTokenAsync(publisher));
        using var connection = own.Process.Connect(new Renamed(device, "updates.example:8443"));
        var devices = new Devices.DevicesClient(connection.Invoker);

        var failure = await Record.ExceptionAsync(async () =>
            await devices.ReportAsync(new ReportRequest { Product = publisher.Product, State = DeviceState.Idle }));

        Assert.Equal(code, (failure as ChunkOtaException)?.Code);
        if (failure is null) return;
        Assert.Contains(own.Process.Grpc.Authority, failure.Message, StringComparison.Ordinal);
        Assert.Contains("a proxy changed it", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Listen:PublicNames", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Install_tokens_pin_the_servers_key_unless_a_proxy_has_another()
    {
        await using var own = new OwnServer();
        using var direct = await own.StartAsync();
        var pinning = InstallToken.Parse(await ServerFixture.CreateInstallTokenAsync(direct));
        using var proxied = await own.StartAsync("Listen:PublicNames:0=updates.example");
        var open = InstallToken.Parse(await ServerFixture.CreateInstallTokenAsync(proxied));

        Assert.Equal(own.Process.SpkiSha256, pinning.SpkiSha256.ToArray());
        Assert.False(open.PinsServer);
    }

    [Fact]
    public async Task A_clock_that_is_off_gets_the_servers_time()
    {
        using var publisher = await fixture.CreateProductAsync();
        using var device = await fixture.EnrolAsync(publisher);
        device.ClockError = TimeSpan.FromMinutes(-10);
        var request = new ReportRequest { Product = publisher.Product, State = DeviceState.Idle };

        var failure =
            await Assert.ThrowsAsync<ClockSkewException>(async () => await device.Devices.ReportAsync(request));

        Assert.InRange(
            (failure.ServerTime!.Value - TimeProvider.System.GetUtcNow()).Duration(), TimeSpan.Zero,
            TimeSpan.FromSeconds(60));
        device.ClockError = TimeSpan.FromSeconds(100);
        Assert.Equal(300u, (await device.Devices.ReportAsync(request)).NextPollSeconds);
    }

    [Fact]
    public async Task A_device_sees_its_own_product_only()
    {
        using var mine = await fixture.CreateProductAsync();
        using var other = await fixture.CreateProductAsync();
        var released = await mine.PublishAsync("1.0.0", Content);
        var hidden = await other.PublishAsync("1.0.0", Tree.Of(("app", 702, 100_000)));
        using var device = await fixture.EnrolAsync(mine);

        Assert.Single((await device.FetchAsync(released.ManifestDigest, Content, TestDevice.Run(0, 0, 1))).Chunks);
        Assert.Equal(
            ErrorCodes.ReleaseUnknown,
            await CodeOfAsync(() => device.FetchAsync(hidden.ManifestDigest, Content, TestDevice.Run(0, 0, 1))));
        Assert.Equal(ErrorCodes.ProductUnknown, await CodeOfAsync(() => device.CheckAsync(
            new CheckForUpdateRequest { Product = other.Product, Platform = TestPublisher.Platform })));
        Assert.Equal(ErrorCodes.NotAllowed, await CodeOfAsync(async () => await device.Releases.ListReleasesAsync(
            new ListReleasesRequest { Product = other.Product })));
    }

    [Fact]
    public async Task Forty_devices_at_once_all_get_the_release()
    {
        using var publisher = await fixture.CreateProductAsync();
        var tree = Tree.Of(("app", 711, 2_000_000), ("small", 712, 100));
        var released = await publisher.PublishAsync("1.0.0", tree);
        var token = await ServerFixture.CreateInstallTokenAsync(publisher);

        var fetched = await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ =>
        {
            using var device = new TestDevice();
            await device.EnrolAsync(fixture.Server, token);
            await device.CheckAsync(
                new CheckForUpdateRequest { Product = publisher.Product, Platform = TestPublisher.Platform });
            var all = TestDevice.Run(0, 0, (uint)tree.Files[0].Chunks.Count);
            return (await device.FetchAsync(released.ManifestDigest, tree, all, TestDevice.Run(1, 0, 1))).Chunks.Count;
        }));

        Assert.All(fetched, count => Assert.Equal(tree.Files.Sum(file => file.Chunks.Count), count));
    }

    [Fact]
    public async Task What_is_not_there_is_named_by_its_code()
    {
        using var publisher = await fixture.CreateProductAsync();
        using var device = await fixture.EnrolAsync(publisher);
        var request = new CheckForUpdateRequest { Product = publisher.Product, Platform = TestPublisher.Platform };
        Assert.Equal(ErrorCodes.ChannelUnknown, await CodeOfAsync(() => device.CheckAsync(request)));

        var released = await publisher.PublishAsync("1.0.0", Content);

        Assert.Equal(
            ErrorCodes.ChannelUnknown, await CodeOfAsync(() => device.CheckAsync(new(request) { Channel = "beta" })));
        Assert.Equal(
            ErrorCodes.ChannelUnknown,
            await CodeOfAsync(() => device.CheckAsync(new(request) { Platform = "osx-arm64" })));
        Assert.Equal(
            ErrorCodes.VersionUnknown, await CodeOfAsync(() => device.CheckAsync(new(request) { Version = "3.0.0" })));
        Assert.Equal(ErrorCodes.ReleaseUnknown, await CodeOfAsync(() => device.FetchAsync(
            ByteString.CopyFrom(new byte[32]), Content, TestDevice.Run(0, 0, 1))));
        ChunkRun[] beyond =
            [TestDevice.Run(1, 0, 1), TestDevice.Run(0, 0, 100), TestDevice.Run(0, uint.MaxValue, uint.MaxValue)];
        foreach (var run in beyond)
        {
            Assert.Equal(
                ErrorCodes.EntryInvalid,
                await CodeOfAsync(() => device.FetchAsync(released.ManifestDigest, Content, run)));
        }
    }

    private static async Task<string> CodeOfAsync(Func<Task> call) =>
        (await Assert.ThrowsAnyAsync<ChunkOtaException>(call)).Code;

    /// <summary>Sends the header of the call before once more, when told to.</summary>
    private sealed class Recorder(ICallAuthorization inner) : ICallAuthorization
    {
        private (string, string)? _last;

        public bool Replays { get; set; }

        public (string Name, string Value)? HeaderFor(string method, string authority) =>
            Replays ? _last : _last = inner.HeaderFor(method, authority);
    }

    /// <summary>Signs for another method than the one that is called.</summary>
    /// <summary>Signs another authority than the one that the call is sent to, as behind a proxy.</summary>
    private sealed class Renamed(ICallAuthorization inner, string name) : ICallAuthorization
    {
        public (string Name, string Value)? HeaderFor(string method, string authority) => inner.HeaderFor(method, name);
    }

    private sealed class Redirector(ICallAuthorization inner) : ICallAuthorization
    {
        public (string Name, string Value)? HeaderFor(string method, string authority) =>
            inner.HeaderFor("/chunkota.v1.Devices/CheckForUpdate", authority);
    }
}
