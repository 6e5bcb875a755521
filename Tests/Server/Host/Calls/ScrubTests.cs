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

    private static string[] PacksOf(OwnServer server) => Directory.GetFiles(
        Path.Combine(server.Process.Data, "objects", "packs"), "*", SearchOption.AllDirectories);
}
