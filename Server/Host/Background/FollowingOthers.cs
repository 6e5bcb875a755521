using ChunkOta.Server.Core;

namespace ChunkOta.Server;

/// <summary>Follows the other servers of the catalogue until the host stops.</summary>
internal sealed class FollowingOthers(ServerOperations operations) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        operations.OtherServers.FollowAsync(stoppingToken);
}
