using ChunkOta.Chunking;
using ChunkOta.Server.Core;
using ChunkOta.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ChunkOta.Server;

/// <summary>Reports the server as healthy while catalogue and object store answer a read.</summary>
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
            return HealthCheckResult.Healthy();
        }
        catch (ChunkOtaException failure)
        {
            return HealthCheckResult.Unhealthy($"{failure.Code}: {failure.DescribeForOperator()}");
        }
    }
}
