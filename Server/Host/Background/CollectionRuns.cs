using ChunkOta.Server.Core;

namespace ChunkOta.Server;

/// <summary>Runs the collections that are due until the host stops.</summary>
internal sealed class CollectionRuns(ServerOperations operations) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        operations.CollectionWorker.RunAsync(stoppingToken);
}
