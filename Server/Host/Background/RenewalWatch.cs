using ChunkOta.Server.Core;
using Google.Protobuf;

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
            catch (Exception e) when (e is ChunkOtaException or InvalidProtocolBufferException)
            {
                // The catalogue is away or damaged: whoever needs it says so. The next round tries again.
                continue;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
