using ChunkOta.Server.Core;

namespace ChunkOta.Server;

/// <summary>Builds deltas for as long as the host runs.</summary>
internal sealed class DeltaBuilding(ServerOperations operations) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        operations.DeltaWorker.RunAsync(stoppingToken);
}
