using ChunkOta.Client;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;
using Grpc.Core;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>Two servers on one PostgreSQL: what one does, the other knows.</summary>
public sealed class SharedCatalogueTests(PostgresFixture fixture) : IAsyncLifetime, IClassFixture<PostgresFixture>
{
    private const string PublicName = "updates.example:8443";

    private static readonly Tree Content = Tree.Of(("app", 901, 200_000), ("lib/b", 902, 50_000));

    private readonly TemporaryFolder _folder = new();
    private readonly TestKeys _keys = new();
    private ServerProcess _first = null!;
    private ServerProcess _second = null!;
    private TestPublisher _publisher = null!;

    public async ValueTask InitializeAsync()
    {
        string[] settings =
        [
            $"Catalogue:Postgres={await fixture.Cluster.CreateDatabaseAsync()}", $"Objects:Folder={_folder["objects"]}",
            $"Listen:PublicNames:0={PublicName}",
        ];
        _first = await ServerProcess.StartAsync(_folder["first"], settings);
        _second = await ServerProcess.StartAsync(_folder["second"], settings);
        _publisher = new TestPublisher(_first.Connect(_first.AdminToken), _keys, "tool");
        await _publisher.Administration.CreateProductAsync(
            new CreateProductRequest { Name = _publisher.Product, Root = _keys.Root });
    }

    public async ValueTask DisposeAsync()
    {
        _publisher?.Dispose();
        if (_first is not null) await _first.DisposeAsync();
        if (_second is not null) await _second.DisposeAsync();
        _keys.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_signed_call_that_one_server_accepted_is_refused_by_the_other()
    {
        using var device = new TestDevice();
        await device.EnrolAsync(_first, await ServerFixture.CreateInstallTokenAsync(_publisher));
        var recorder = new Recorder(device);
        var request = new ReportRequest { Product = _publisher.Product, State = DeviceState.Idle };
        using var first = _first.Connect(recorder);
        using var second = _second.Connect(recorder);

        await new Devices.DevicesClient(first.Invoker).ReportAsync(request);
        recorder.Replays = true;
        var refusal = await Assert.ThrowsAnyAsync<ChunkOtaException>(
            async () => await new Devices.DevicesClient(second.Invoker).ReportAsync(request));

        Assert.Equal(ErrorCodes.Replay, refusal.Code);
        recorder.Replays = false;
        await new Devices.DevicesClient(second.Invoker).ReportAsync(request);
    }

    [Fact]
    public async Task A_device_that_listens_at_one_server_hears_of_a_publish_at_the_other()
    {
        using var device = new TestDevice();
        await device.EnrolAsync(_first, await ServerFixture.CreateInstallTokenAsync(_publisher));
        using var second = _second.Connect(new Recorder(device));
        using var call = new Devices.DevicesClient(second.Invoker).WatchChannels(
            new WatchChannelsRequest { Product = _publisher.Product });
        Assert.True(await call.ResponseStream.MoveNext());
        Assert.False(call.ResponseStream.Current.HasMoved);
        await Eventually.Async(
            "both servers listening",
            async () => await fixture.Cluster.RunSqlAsync(
                "Database=postgres", "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"),
            count => count == "2");

        await _publisher.PublishAsync("1.0.0", Content);

        Assert.True(await Eventually.Async("the move", call.ResponseStream.MoveNext(), () => _second.Log));
        Assert.True(call.ResponseStream.Current.HasMoved);
    }

    [Fact]
    public async Task A_publish_goes_on_at_the_other_server()
    {
        var begun = await _publisher.BeginAsync("1.0.0");
        await _publisher.SendAsync(begun, Content);
        await _first.KillAsync();
        using var other = new TestPublisher(_second.Connect(_second.AdminToken), _keys, _publisher.Product);

        await other.CommitAsync(begun, other.ManifestOf(begun, "1.0.0", Content));

        var releases = await other.Releases.ListReleasesAsync(new ListReleasesRequest { Product = other.Product });
        Assert.Equal("1.0.0", Assert.Single(releases.Releases).Version);
    }

    /// <summary>Signs for the public name, and sends the header of the call before once more when told to.</summary>
    private sealed class Recorder(ICallAuthorization inner) : ICallAuthorization
    {
        private (string, string)? _last;

        public bool Replays { get; set; }

        public (string Name, string Value)? HeaderFor(string method, string authority) =>
            Replays ? _last : _last = inner.HeaderFor(method, PublicName);
    }
}
