using ChunkOta.Client;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Changes how an enrolled device verifies its server, or where it finds it. What the publisher signs is
/// trusted as before, and nothing that is installed changes.</summary>
/// <param name="home">The agent's folder.</param>
/// <param name="product">The product.</param>
/// <param name="trustStore">The trust state on disk.</param>
/// <param name="options">The agent's settings, with the file of authorities.</param>
/// <param name="clock">The clock.</param>
internal sealed class TrustChange(
    AgentHome home, LocalProduct product, TrustStore trustStore, AgentOptions options, TimeProvider clock)
{
    /// <summary>Asks the server under the new trust, and saves the new trust if it answers.</summary>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>, <c>USAGE</c>, <c>ROOT_CHAIN</c>: the
    /// token is another publisher's; everything that a call may meet. Nothing has changed then.</exception>
    public async Task<TrustedProduct> RunAsync(TrustRequest request, CancellationToken cancellationToken)
    {
        product.States.Get(request.Product);
        using var held = product.LockForPerson(cancellationToken);
        var state = product.States.Get(request.Product);
        var known = trustStore.Load().Find(state.Server, request.Product)
            ?? throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"this device is not enrolled for {request.Product} at {state.Server}: run install with a token");
        var token = request.InstallToken is null ? null : InstallToken.Parse(request.InstallToken);
        var address = ServerAddress.Parse(
            request.Server ?? state.Server, options.IsPlaintextAllowed || known.IsPlaintextAllowed);
        if (token is not null)
            ServerAccess.RequireSameRoot(token, known, address);

        var identity = IdentityOf(request, token, known);
        var trust = identity.ApplyTo(known) with
        {
            Server = address.ToString(),
            IsPlaintextAllowed = !address.UsesTls && (options.IsPlaintextAllowed || known.IsPlaintextAllowed),
        };
        if (!request.IsUnchecked)
        {
            trust = await LockYield.RunAsync(
                product.Home, clock, stop => CheckAsync(trust, identity, token, state, stop), cancellationToken)
                .ConfigureAwait(false);
        }

        // The trust state first: should the second write not come about, the product follows its old record.
        await trustStore.UpdateAsync(trust.Server, trust.Product, _ => trust, cancellationToken).ConfigureAwait(false);
        if (state.Server != trust.Server)
            product.States.Save(state with { Server = trust.Server, IsReportDue = true });
        return new TrustedProduct(trust.Product, trust.Server, identity.ToSummary(), !request.IsUnchecked);
    }

    private ServerIdentity IdentityOf(TrustRequest request, InstallToken? token, TrustRecord known)
    {
        if (options.CaFile is { } file)
            return ServerIdentity.OfFile(file);
        if (request.UsesSystemAuthorities)
            return ServerIdentity.System;
        return token is not null ? ServerIdentity.Of(token, known) : ServerIdentity.Of(known);
    }

    /// <summary>Makes the call that every update begins with; a server that does not know the device enrols it with the
    /// token. Nothing that is answered is used.</summary>
    private async Task<TrustRecord> CheckAsync(
        TrustRecord trust,
        ServerIdentity identity,
        InstallToken? token,
        ProductState state,
        CancellationToken cancellationToken)
    {
        var access = new ServerAccess
        {
            Product = trust.Product,
            Address = ServerAddress.Parse(trust.Server, allowPlaintext: true),
            Trust = trust,
            Token = token,
            Identity = identity,
            Observer = options.Observer,
            Minimum = options.Minimum,
            IsEnrolled = true,
        };
        using var session = await access.OpenAsync(home, trustStore, clock, cancellationToken).ConfigureAwait(false);
        session.SignAs(trust.DeviceId);
        try
        {
            await AskAsync(session, state, cancellationToken).ConfigureAwait(false);
            return trust;
        }
        catch (ChunkOtaException e) when (e.Code == ErrorCodes.DeviceUnknown && token is not null)
        {
            var enrolled = await session.EnrolAsync(token, trust.Product, state.Platform, cancellationToken)
                .ConfigureAwait(false);
            return trust with { DeviceId = enrolled.DeviceId };
        }
    }

    private static async Task AskAsync(
        ServerSession session, ProductState state, CancellationToken cancellationToken)
    {
        var answer = await session.Updates.CheckAsync(UpdateQuestion.Of(state), cancellationToken)
            .ConfigureAwait(false);
        await answer.DisposeAsync().ConfigureAwait(false);
    }
}
