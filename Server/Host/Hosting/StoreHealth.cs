using ChunkOta.Chunking;
using ChunkOta.Cli;
using ChunkOta.Server.Core;
using ChunkOta.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ChunkOta.Server;

/// <summary>Reports the server as healthy while catalogue and object store answer a read, and as degraded while objects
/// are lost, or a channel has not gone on since it was restored.</summary>
/// <remarks>A degraded server is ready: it serves everything else, and no other server of the store has more.</remarks>
internal sealed class StoreHealth(ICatalogue catalogue, IObjectReader objects) : IHealthCheck
{
    /// <summary>Time limit of one check.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private static readonly ObjectName Probe = ObjectName.Manifest(default(Digest));

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            _ = await catalogue.Identities.FindProductAsync("health", cancellationToken);
            _ = await objects.FindLengthAsync(Probe, cancellationToken);
            var lost = await catalogue.Damage.CountAsync(cancellationToken);
            if (lost > 0) return HealthCheckResult.Degraded($"objects lost: {lost}: run ota-admin verify");
            var behind = await catalogue.Restores.ListBehindAsync(cancellationToken);
            return behind.Count == 0
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded(
                    $"restored from a backup: {Printable.Count(behind.Count, "channel")} "
                    + $"{(behind.Count == 1 ? "waits" : "wait")} for a release of ota-admin publish --after-restore");
        }
        catch (ChunkOtaException failure)
        {
            return HealthCheckResult.Unhealthy($"{failure.Code}: {failure.DescribeForOperator()}");
        }
    }
}
