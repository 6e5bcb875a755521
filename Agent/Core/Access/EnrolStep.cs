
namespace ChunkOta.Agent;

/// <summary>Enrols the device at a server with an install token.</summary>
/// <param name="session">The connection.</param>
/// <param name="access">The server and the token.</param>
/// <param name="options">The agent's settings.</param>
/// <param name="patience">Repeats the call while the server is away.</param>
internal sealed class EnrolStep(
    ServerSession session, ServerAccess access, AgentOptions options, PatientCall patience)
{
    /// <summary>Returns the trust state of an enrolled device;
    /// enrols it first if the server does not know it.</summary>
    /// <param name="platform">The platform, for the server's records.</param>
    public async Task<TrustRecord> RunAsync(string platform, CancellationToken cancellationToken)
    {
        if (access is not { IsEnrolled: true, Trust: { } trust })
            return await EnrolAsync(access.Trust, platform, cancellationToken).ConfigureAwait(false);
        session.SignAs(trust.DeviceId);
        return trust;
    }

    /// <summary>Makes a run; if the server has forgotten this device and there is a token, enrols again and repeats
    /// the run.</summary>
    /// <param name="run">Makes the run with a trust state.</param>
    /// <param name="trust">The trust state.</param>
    /// <param name="platform">The platform, for the server's records.</param>
    public async Task<UpdateResult> RetryingAsync(
        Func<TrustRecord, Task<UpdateResult>> run,
        TrustRecord trust,
        string platform,
        CancellationToken cancellationToken)
    {
        try
        {
            return await run(trust).ConfigureAwait(false);
        }
        catch (ChunkOtaException e) when (e.Code == ErrorCodes.DeviceUnknown && access.Token is not null)
        {
            trust = await EnrolAsync(trust, platform, cancellationToken).ConfigureAwait(false);
            return await run(trust).ConfigureAwait(false);
        }
    }

    /// <summary>Enrols the device. The new trust state is saved when the first check has verified it.</summary>
    /// <param name="known">The trust state so far; null for none.</param>
    /// <param name="platform">The platform, for the server's records.</param>
    private async Task<TrustRecord> EnrolAsync(
        TrustRecord? known, string platform, CancellationToken cancellationToken)
    {
        var token = access.Token!;
        var response = await patience.RunAsync(
            () => session.EnrolAsync(token, access.Product, platform, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        // Enrolling again changes the device's id, not what it has accepted.
        return known is not null ? known with { DeviceId = response.DeviceId } : access.Identity.ApplyTo(new TrustRecord
        {
            Server = access.Address.ToString(),
            Product = access.Product,
            DeviceId = response.DeviceId,
            Channel = response.Channel,
            PinnedRoot = token.RootDigest,
            IsPlaintextAllowed = options.IsPlaintextAllowed,
            MinimumCounter = token.MinimumCounter,
            TokenMinimumCounter = token.MinimumCounter,
        });
    }
}
