using ChunkOta.Server.Core;

namespace ChunkOta.Server;

/// <summary>Logs at the start, and twice a day, what is due to be renewed.</summary>
internal sealed class RenewalWatch(ServerOperations operations) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(12);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        do
        {
            try
            {
                await operations.Renewals.WarnAsync(stoppingToken);
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The catalogue is away or damaged: whoever needs it says so, and the next round tries again. A failure
                // that left this service would stop the server.
                continue;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
