using ChunkOta.Client;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>A device's access to one server for one product: its address, the trust state,
/// and a token to enrol with.</summary>
internal sealed record ServerAccess
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The server.</summary>
    public required ServerAddress Address { get; init; }

    /// <summary>The trust state; null when the product was never enrolled here.</summary>
    public TrustRecord? Trust { get; init; }

    /// <summary>The install token; null when none was given.</summary>
    public InstallToken? Token { get; init; }

    /// <summary>True when the server knows this device.</summary>
    public bool IsEnrolled { get; init; }

    /// <summary>Finds the access that a request has.</summary>
    /// <param name="request">The request.</param>
    /// <param name="server">The server's URL.</param>
    /// <param name="home">The agent's folder.</param>
    /// <param name="trustStore">The trust state.</param>
    /// <param name="options">The agent's settings.</param>
    /// <exception cref="ChunkOtaException"><c>USAGE</c>: a token is needed. <c>ROOT_CHAIN</c>:
    /// the token is from another trust root.</exception>
    public static ServerAccess Of(
        UpdateRequest request, string server, AgentHome home, TrustStore trustStore, AgentOptions options)
    {
        var trust = FindTrust(trustStore, server, request.Product);
        var access = new ServerAccess
        {
            Product = request.Product,
            Address = ServerAddress.Parse(server, options.IsPlaintextAllowed || trust?.IsPlaintextAllowed == true),
            Trust = trust,
            Token = request.InstallToken is null ? null : InstallToken.Parse(request.InstallToken),
            // A server knows a device by its key: with another key it is another device, whatever was trusted.
            IsEnrolled = trust is not null && DeviceKey.Exists(home),
        };
        access.RequireToken();
        return access;
    }

    /// <summary>Prepares a connection; makes the device's key if there is none.</summary>
    /// <param name="home">The agent's folder; made already.</param>
    /// <param name="trustStore">Its lock is held for a moment.</param>
    /// <param name="caFile">The certificate authorities that the user named, if any.</param>
    /// <param name="clock">The clock.</param>
    public async Task<ServerSession> OpenAsync(
        AgentHome home, TrustStore trustStore, string? caFile, TimeProvider clock, CancellationToken cancellationToken)
    {
        caFile ??= Trust?.CaFile;
        var trust = caFile is not null ? ServerTrust.FromFile(caFile)
            : FindPin() is { } pin ? ServerTrust.Pinned(pin, clock)
            : ServerTrust.System;
        using var held = await trustStore.LockAsync(cancellationToken).ConfigureAwait(false);
        return new ServerSession(Address, trust, DeviceKey.OpenOrCreate(home), clock);
    }

    private byte[]? FindPin()
    {
        if (Trust is not null)
            return Trust.SpkiSha256 is { } hex ? Convert.FromHexString(hex) : null;
        return Token is { PinsServer: true } ? Token.SpkiSha256.ToArray() : null;
    }

    private void RequireToken()
    {
        if (!IsEnrolled && Token is null)
        {
            throw new ChunkOtaException(
                ErrorCodes.Usage, $"this device is not enrolled for {Product} at {Address}: give --install-token");
        }
        if (Trust is not null && Token is not null && Token.RootDigest != Trust.PinnedRoot)
        {
            throw new ChunkOtaException(
                ErrorCodes.RootChain,
                $"the install token is for another trust root than the one that this device trusts for {Product} at "
                + $"{Address}");
        }
    }

    private static TrustRecord? FindTrust(TrustStore store, string server, string product)
    {
        var document = store.Load();
        if (document.Find(server, product) is { } exact)
            return exact;
        return Uri.TryCreate(server, UriKind.Absolute, out _)
            ? document.Find(ServerAddress.Parse(server, allowPlaintext: true).ToString(), product)
            : null;
    }
}
