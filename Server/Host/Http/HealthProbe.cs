using System.Net;

namespace ChunkOta.Server;

/// <summary>Asks the running server of this machine whether it is healthy; containers have no other program to ask
/// with.</summary>
internal static class HealthProbe
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Returns if the server with these settings answers that it is healthy.</summary>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID: the settings name no port to ask. SERVER_UNAVAILABLE: the
    /// server does not answer, or not that it is healthy.</exception>
    public static async Task AskAsync(ServerSettings settings, CancellationToken cancellationToken)
    {
        var url = UrlOf(settings.Listen.Http);
        // A proxy of the environment cannot reach this machine's loopback address.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout };
        try
        {
            using var answer = await http.GetAsync(url, cancellationToken);
            if (!answer.IsSuccessStatusCode) throw Unhealthy($"it answers {(int)answer.StatusCode}");
        }
        catch (Exception failure) when (failure is HttpRequestException
            || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Unhealthy(failure is HttpRequestException ? failure.Message : "it does not answer in time");
        }

        ChunkOtaException Unhealthy(string why) =>
            new(ErrorCodes.ServerUnavailable, $"the server is not healthy: {url}: {why}");
    }

    private static Uri UrlOf(string setting)
    {
        var address = ListenAddress.Parse(setting);
        if (address.IsOff || address.EndPoint.Port == 0)
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid, $"there is no port to ask: Listen:Http is {setting}: set ADDRESS:PORT");
        var ip = address.EndPoint.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : address.EndPoint.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : address.EndPoint.Address;
        return new Uri($"http://{new IPEndPoint(ip, address.EndPoint.Port)}/readyz");
    }
}
