using ChunkOta.Server.Core;

namespace ChunkOta.Server;

/// <summary>Verifies the store by schedule until the host stops.</summary>
internal sealed class Scrubbing(ServerOperations operations) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        operations.ScrubWorker.RunAsync(stoppingToken);
}
