using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>One server process for the tests of a class; each test makes products of its own.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private int _products;

    internal ServerProcess Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await ServerProcess.StartAsync(_folder["data"]);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A publisher, with the admin token, of a product that no other test has.</summary>
    internal async Task<TestPublisher> CreateProductAsync()
    {
        var publisher = new TestPublisher(
            Server.Connect(Server.AdminToken), new TestKeys(), $"product{Interlocked.Increment(ref _products)}");
        await publisher.Administration.CreateProductAsync(
            new CreateProductRequest { Name = publisher.Product, Root = publisher.Keys.Root });
        return publisher;
    }

    /// <summary>A device that is enrolled for a product's stable channel.</summary>
    internal async Task<TestDevice> EnrolAsync(TestPublisher publisher)
    {
        var device = new TestDevice();
        await device.EnrolAsync(Server, await CreateInstallTokenAsync(publisher));
        return device;
    }

    internal static async Task<string> CreateInstallTokenAsync(TestPublisher publisher, uint uses = 0) =>
        (await publisher.Administration.CreateTokenAsync(new CreateTokenRequest
        {
            Role = TokenRole.Install,
            Product = publisher.Product,
            Channel = TestPublisher.Channel,
            Uses = uses,
        })).Token;
}
