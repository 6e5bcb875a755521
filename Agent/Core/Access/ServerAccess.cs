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

    /// <summary>The key or authorities that the server is verified by.</summary>
    public required ServerIdentity Identity { get; init; }

    /// <summary>Is told of each call; null for nobody.</summary>
    public CallObserver? Observer { get; init; }

    /// <summary>The least that the server must send.</summary>
    public MinimumRate Minimum { get; init; } = MinimumRate.Default;

    /// <summary>The limit of downloads; null for none.</summary>
    public DownloadLimit? DownloadLimit { get; init; }

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
        var document = trustStore.Load();
        var known = FindTrust(document, server, request.Product);
        var address = ServerAddress.Parse(server, options.IsPlaintextAllowed || known?.IsPlaintextAllowed == true);
        var token = request.InstallToken is null ? null : InstallToken.Parse(request.InstallToken);
        var trust = known ?? FindMoved(document, request.Product, token, address, options);
        var identity = options.CaFile is { } file ? ServerIdentity.OfFile(file)
            : known is not null ? ServerIdentity.Of(known)
            : token is not null ? ServerIdentity.Of(token, trust)
            : ServerIdentity.System;
        var access = new ServerAccess
        {
            Product = request.Product,
            Address = address,
            Trust = trust is null ? null : identity.ApplyTo(trust),
            Token = token,
            Identity = identity,
            Observer = options.Observer,
            Minimum = options.Minimum,
            DownloadLimit = options.DownloadLimit,
            // A server knows a device by its key: with another key it is another device, whatever was trusted.
            IsEnrolled = known is not null && DeviceKey.Exists(home),
        };
        access.RequireToken();
        return access;
    }

    /// <summary>Finds the access by what the install token says of the server: for a server that this device does not
    /// recognise any more. Null where no token says anything else, or the user has named the authorities.</summary>
    /// <param name="options">The agent's settings.</param>
    public ServerAccess? FindByToken(AgentOptions options)
    {
        if (Token is null || options.CaFile is not null)
            return null;
        var identity = ServerIdentity.Of(Token, Trust);
        return identity == Identity
            ? null
            : this with { Identity = identity, Trust = Trust is null ? null : identity.ApplyTo(Trust) };
    }

    /// <summary>Prepares a connection; makes the device's key if there is none.</summary>
    /// <param name="home">The agent's folder; made already.</param>
    /// <param name="trustStore">Its lock is held for a moment.</param>
    /// <param name="clock">The clock.</param>
    public async Task<ServerSession> OpenAsync(
        AgentHome home, TrustStore trustStore, TimeProvider clock, CancellationToken cancellationToken)
    {
        var trust = Identity.ToTrust(Product, clock);
        using var held = await trustStore.LockAsync(cancellationToken).ConfigureAwait(false);
        return new ServerSession(
            Address, trust, DeviceKey.OpenOrCreate(home), clock, new SessionPace(Minimum, DownloadLimit), Observer);
    }

    /// <summary>Prepares a connection that listens; the device is enrolled.</summary>
    /// <param name="home">The agent's folder.</param>
    /// <param name="clock">The clock.</param>
    public ServerListener Listen(AgentHome home, TimeProvider clock) => new(
        Address,
        Identity.ToTrust(Product, clock),
        DeviceKey.Find(home) ?? throw new ChunkOtaException(
            ErrorCodes.Usage, $"this device is not enrolled for {Product} at {Address}"),
        Trust!.DeviceId,
        clock);

    /// <summary>Refuses the token of another publisher than the one that is trusted.</summary>
    /// <exception cref="ChunkOtaException"><c>ROOT_CHAIN</c>.</exception>
    public static void RequireSameRoot(InstallToken token, TrustRecord trust, ServerAddress address)
    {
        if (token.RootDigest != trust.PinnedRoot)
        {
            throw new ChunkOtaException(
                ErrorCodes.RootChain,
                $"the install token is for another trust root than the one that this device trusts for {trust.Product} "
                + $"at {address}");
        }
    }

    private void RequireToken()
    {
        if (!IsEnrolled && Token is null)
        {
            throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"this device is not enrolled for {Product} at {Address}: give --install-token, or if its server has "
                + $"moved there: ota-agent trust {Product} --server {Address}");
        }
        if (Trust is not null && Token is not null)
            RequireSameRoot(Token, Trust, Address);
    }

    private static TrustRecord? FindTrust(TrustDocument document, string server, string product)
    {
        if (document.Find(server, product) is { } exact)
            return exact;
        return Uri.TryCreate(server, UriKind.Absolute, out _)
            ? document.Find(ServerAddress.Parse(server, allowPlaintext: true).ToString(), product)
            : null;
    }

    /// <summary>Finds the trust state of the same publisher's product at another server: what was accepted there binds
    /// the device here, too.</summary>
    private static TrustRecord? FindMoved(
        TrustDocument document, string product, InstallToken? token, ServerAddress address, AgentOptions options) =>
        token is not null
        && document.Records.Where(record => record.Product == product && record.PinnedRoot == token.RootDigest)
            .MaxBy(record => record.AcceptedCounter) is { } elsewhere
                ? elsewhere with { Server = address.ToString(), IsPlaintextAllowed = options.IsPlaintextAllowed }
                : null;
}
