using ChunkOta.Server.Core;

namespace ChunkOta.Server;

/// <summary>Builds deltas from the time when all ports are open until the host stops.</summary>
internal sealed class DeltaBuilding(ServerOperations operations, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (lifetime.ApplicationStarted.Register(started.SetResult)) await started.Task.WaitAsync(stoppingToken);
        await operations.DeltaWorker.RunAsync(stoppingToken);
    }
}
