using ChunkOta.Client;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The servers that a run asks until one answers: those that the publisher has signed, in their order.
/// </summary>
/// <remarks>
/// The list is in the trust root, so no server can send devices elsewhere. A server that the operator chose and that
/// the list does not name is asked first. What was accepted from one server binds the device at each: the trust state
/// of the one that it follows is carried over.
/// </remarks>
internal static class ServerList
{
    /// <summary>Lists the accesses of a run.</summary>
    /// <param name="followed">The access to the server that the device follows.</param>
    /// <param name="known">The device's trust state.</param>
    /// <param name="request">The request; one that names a server or a token means that server alone.</param>
    /// <param name="options">The agent's settings; a file of authorities means that server alone.</param>
    public static IReadOnlyList<ServerAccess> Of(
        ServerAccess followed, TrustDocument known, UpdateRequest request, AgentOptions options)
    {
        if (request.Server is not null || request.InstallToken is not null || options.CaFile is not null
            || followed is not { IsEnrolled: true, Trust: { Root: { } root } trust })
            return [followed];
        List<ServerAccess> accesses = [];
        foreach (var server in VerifiedRoot.SelfSigned(Envelope.Parser.ParseFrom(root)).ServersOf(request.Product))
        {
            if (FindAddress(server.Url, trust) is { } address)
            {
                var own = known.Find(address.ToString(), request.Product);
                accesses.Add(AccessOf(followed, trust, own, address, server));
            }
        }
        if (accesses.TrueForAll(access => access.Address.ToString() != followed.Address.ToString()))
            accesses.Insert(0, followed);
        return accesses;
    }

    /// <summary>Tells whether another server may do better after a failure: this one cannot be reached, is not itself,
    /// or has nothing that this device accepts, such as one that was restored from a backup.</summary>
    /// <param name="code">The code of the failure.</param>
    public static bool IsWorthAnother(string code) => code is ErrorCodes.TlsRefused or ErrorCodes.DeviceUnknown
        || (code is not ErrorCodes.ImageUnfit
            && ExitCodes.Of(code) is ExitCodes.Refused or ExitCodes.Expired or ExitCodes.Server or ExitCodes.Unknown);

    private static ServerAccess AccessOf(
        ServerAccess followed, TrustRecord trust, TrustRecord? own, ServerAddress address, ListedServer server)
    {
        // Authorities that the operator gave come before a key that the publisher names; without either, a server that
        // was followed before is the one that it was then. The key of another one would lock this device out.
        var identity = trust.CaPem is not null ? followed.Identity
            : server.TlsKeySha256.Length > 0
                ? new ServerIdentity(Convert.ToHexStringLower(server.TlsKeySha256.Span), null)
            : own is not null ? ServerIdentity.Of(own)
            : followed.Identity;
        return followed with
        {
            Address = address,
            Identity = identity,
            Trust = identity.ApplyTo(trust) with { Server = address.ToString() },
        };
    }

    /// <summary>Reads an address; null where this device does not allow it.</summary>
    private static ServerAddress? FindAddress(string url, TrustRecord trust)
    {
        try
        {
            return ServerAddress.Parse(url, trust.IsPlaintextAllowed);
        }
        catch (ChunkOtaException)
        {
            return null;
        }
    }
}
