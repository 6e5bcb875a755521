namespace ChunkOta.Tests.Support;

/// <summary>One PostgreSQL for all tests of a class.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    internal PostgresCluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await PostgresCluster.StartAsync();

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
