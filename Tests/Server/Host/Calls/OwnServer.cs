using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>A server for one test alone, which may stop, kill and start it again on the same data.</summary>
internal sealed class OwnServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestKeys _keys = new();

    public ServerProcess Process { get; private set; } = null!;

    /// <summary>Starts it, again if it has ended, and connects a publisher of product <c>tool</c>.</summary>
    public async Task<TestPublisher> StartAsync(params string[] settings)
    {
        if (Process is not null) await Process.DisposeAsync();
        Process = await ServerProcess.StartAsync(_folder["data"], settings);
        var publisher = new TestPublisher(Process.Connect(Process.AdminToken), _keys, "tool");
        await publisher.Administration.CreateProductAsync(
            new CreateProductRequest { Name = publisher.Product, Root = _keys.Root });
        return publisher;
    }

    /// <summary>A device that is enrolled for the product's stable channel.</summary>
    public async Task<TestDevice> EnrolAsync(TestPublisher publisher)
    {
        var device = new TestDevice();
        await device.EnrolAsync(Process, await ServerFixture.CreateInstallTokenAsync(publisher));
        return device;
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _keys.Dispose();
        _folder.Dispose();
    }
}
