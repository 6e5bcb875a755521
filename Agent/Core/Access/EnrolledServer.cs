using ChunkOta.Client;

namespace ChunkOta.Agent;

/// <summary>Opens the server of an installed product as this device is enrolled there; nothing is written.</summary>
/// <param name="home">The agent's folder.</param>
/// <param name="trustStore">The trust state on disk.</param>
/// <param name="options">The agent's settings.</param>
/// <param name="clock">The clock.</param>
internal sealed class EnrolledServer(
    AgentHome home, TrustStore trustStore, AgentOptions options, TimeProvider clock)
{
    /// <summary>Prepares a connection.</summary>
    /// <param name="state">The record of what is installed.</param>
    /// <exception cref="ChunkOtaException"><c>USAGE</c>: the device is not enrolled there.</exception>
    public ServerSession Open(ProductState state) => TryOpen(state) ?? throw new ChunkOtaException(
        ErrorCodes.Usage,
        $"this device is not enrolled for {state.Product} at {state.Server}: run install with a token");

    /// <summary>Prepares a connection; null when the device is not enrolled there.</summary>
    /// <param name="state">The record of what is installed.</param>
    public ServerSession? TryOpen(ProductState state)
    {
        if (trustStore.Load().Find(state.Server, state.Product) is not { } trust
            || DeviceKey.Find(home) is not { } key)
            return null;
        var address = ServerAddress.Parse(state.Server, options.IsPlaintextAllowed || trust.IsPlaintextAllowed);
        var identity = options.CaFile is { } file ? ServerIdentity.OfFile(file) : ServerIdentity.Of(trust);
        var session = new ServerSession(
            address,
            identity.ToTrust(state.Product, clock),
            key,
            clock,
            new SessionPace(options.Minimum, options.DownloadLimit),
            options.Observer);
        session.SignAs(trust.DeviceId);
        return session;
    }
}
