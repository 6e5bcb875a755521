using ChunkOta.Protos.V1;
using ChunkOta.Storage;
using Grpc.Core;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>Verification by a real server that is killed, and that devices complain to.</summary>
public sealed class ScrubTests : IAsyncDisposable
{
    private readonly OwnServer _server = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_full_scrub_goes_on_after_a_kill_where_it_was()
    {
        var publisher = await _server.StartAsync("Scrub:BytesPerSecond=1048576");
        for (var i = 0; i < 4; i++) await publisher.PublishAsync($"1.{i}.0", Tree.Of(("app", 900 + i, 1_500_000)));
        using (var call = publisher.Administration.Verify(new VerifyRequest { Full = true }))
        {
            while (await call.ResponseStream.MoveNext(default)
                && call.ResponseStream.Current.Progress is not { Objects: > 0 })
            {
                // Not far enough yet.
            }

            await _server.Process.KillAsync();
        }

        // It was verified before; whoever begins again finds it gone.
        File.Delete(PacksOf(_server).Order(StringComparer.Ordinal).First());
        await _server.Process.AdvanceClockAsync(IScrubPasses.Lease);
        _ = await _server.StartAsync("Scrub:BytesPerSecond=1048576");

        Assert.Contains(" 0 lost", await _server.Process.WaitForLogAsync(" 4083 "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_of_a_wrong_hash_makes_the_server_verify_that_release()
    {
        var publisher = await _server.StartAsync();
        var committed = await publisher.PublishAsync("1.0.0", Tree.Of(("app", 910, 500_000)));
        using var device = await _server.EnrolAsync(publisher);
        var pack = Assert.Single(PacksOf(_server));
        File.SetUnixFileMode(pack, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var bytes = await File.ReadAllBytesAsync(pack);
        bytes[5000] ^= 1;
        await File.WriteAllBytesAsync(pack, bytes);

        await device.Devices.ReportAsync(new ReportRequest
        {
            Product = publisher.Product,
            Platform = TestPublisher.Platform,
            Channel = TestPublisher.Channel,
            State = DeviceState.Failed,
            TargetManifestDigest = committed.ManifestDigest,
            CauseCode = ErrorCodes.ChunkHash,
        });

        var line = await _server.Process.WaitForLogAsync(" 4080 ");
        Assert.Contains(Path.GetFileName(pack), line, StringComparison.Ordinal);
        using var call = publisher.Administration.Verify(new VerifyRequest());
        var answer = new VerifyResponse();
        await foreach (var part in call.ResponseStream.ReadAllAsync()) answer.MergeFrom(part);
        Assert.Equal("1.0.0", Assert.Single(answer.Releases).Version);
        Assert.Equal(1UL, answer.Releases[0].FollowingDevices);
        Assert.Equal(1UL, Assert.Single(answer.Objects).Frames);
    }

    [Fact]
    public async Task A_device_makes_the_server_verify_releases_of_its_own_product_alone()
    {
        var publisher = await _server.StartAsync();
        using var other = new TestPublisher(
            _server.Process.Connect(_server.Process.AdminToken), new TestKeys(), "other");
        await other.Administration.CreateProductAsync(
            new CreateProductRequest { Name = other.Product, Root = other.Keys.Root });
        var foreign = (await publisher.PublishAsync("1.0.0", Tree.Of(("app", 911, 1000)))).ManifestDigest;
        var own = (await other.PublishAsync("1.0.0", Tree.Of(("app", 912, 1000)))).ManifestDigest;
        using var device = await _server.EnrolAsync(other);

        foreach (var target in new[] { foreign, own })
        {
            await device.Devices.ReportAsync(new ReportRequest
            {
                Product = other.Product,
                State = DeviceState.Failed,
                TargetManifestDigest = target,
                CauseCode = ErrorCodes.ChunkHash,
            });
        }

        var first = await _server.Process.WaitForLogAsync(" 4087 ");
        Assert.Contains(Convert.ToHexStringLower(own.Span), first, StringComparison.Ordinal);
    }

    private static string[] PacksOf(OwnServer server) => Directory.GetFiles(
        Path.Combine(server.Process.Data, "objects", "packs"), "*", SearchOption.AllDirectories);
}
