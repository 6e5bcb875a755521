using System.Net;
using ChunkOta.Protos;
using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Authenticates calls, and refuses an address that sent too many wrong credentials before anything is looked
/// up or verified for it.</summary>
/// <remarks>
/// Valid credentials are never counted. Those that were accepted in the last hour are let through whatever else their
/// address sends. So a guesser behind the same address locks nobody out who works already. Others wait while the flood
/// lasts, with a chance at each interval of the limit.
/// </remarks>
/// <param name="callers">Authenticates.</param>
/// <param name="limits">Counts wrong credentials.</param>
/// <param name="calls">Count the calls of each caller.</param>
/// <param name="clock">Ages what is remembered.</param>
internal sealed class CallerGate(Callers callers, CallerLimits limits, CallerBudgets calls, TimeProvider clock)
{
    private readonly AcceptedCallers _accepted = new(clock);

    /// <summary>Authenticates a request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="method">The method that a device signs.</param>
    /// <param name="authority">The authority that a device signs.</param>
    /// <exception cref="ChunkOtaException">As <see cref="Callers.IdentifyAsync"/>; RATE_LIMITED; THROTTLED: the caller
    /// calls too often.</exception>
    public async ValueTask<Caller> IdentifyAsync(HttpContext http, string method, string authority)
    {
        var headers = http.Request.Headers;
        var credentials = new ReceivedCredentials(
            headers.Authorization, headers[DeviceCall.HeaderName], method, authority);
        var (kind, name) = NameOf(credentials);
        var caller = await PassAsync(
            http.Connection.RemoteIpAddress, kind, name,
            () => callers.IdentifyAsync(credentials, http.RequestAborted));
        return calls.TrySpend(caller.Id, 1, TimeSpan.Zero, out var wait)
            ? caller
            : throw new RetryLaterException(
                ErrorCodes.Throttled, $"too many calls: {caller.Id}: make fewer at once", wait);
    }

    /// <summary>Enrols a device by an install token.</summary>
    /// <param name="http">The request.</param>
    /// <param name="token">The whole token.</param>
    /// <param name="enrol">Verifies the token, and enrols.</param>
    /// <exception cref="ChunkOtaException">RATE_LIMITED, or what <paramref name="enrol"/> throws.</exception>
    public async ValueTask<DeviceRecord> EnrolAsync(HttpContext http, string token, Func<Task<DeviceRecord>> enrol)
    {
        var device = await PassAsync(
            http.Connection.RemoteIpAddress, CredentialKind.Token, token, async () => await enrol());
        _accepted.Add(device.Id);
        return device;
    }

    /// <summary>Verifies credentials, unless their address sent too many wrong ones.</summary>
    /// <param name="peer">The caller's address.</param>
    /// <param name="kind">What is verified.</param>
    /// <param name="name">The whole token, or the id of the device.</param>
    /// <param name="verify">Looks them up and verifies them.</param>
    /// <exception cref="ChunkOtaException">RATE_LIMITED, or what <paramref name="verify"/> throws.</exception>
    public async ValueTask<T> PassAsync<T>(
        IPAddress? peer, CredentialKind kind, string name, Func<ValueTask<T>> verify)
    {
        if (limits.FindWait(kind, peer) is { } wait && !_accepted.Has(name)) throw new RateLimitedException(wait);
        try
        {
            var verified = await verify();
            _accepted.Add(name);
            return verified;
        }
        catch (ChunkOtaException failure) when (IsWrong(failure.Code))
        {
            limits.CountWrong(kind, peer);
            _accepted.Remove(name);
            throw;
        }
    }

    /// <summary>A token that expired was right once, and a device's wrong clock is found out without a
    /// look-up.</summary>
    private static bool IsWrong(string code) => code
        is ErrorCodes.TokenInvalid or ErrorCodes.DeviceUnknown or ErrorCodes.Replay or ErrorCodes.SigInvalid;

    private static (CredentialKind Kind, string Name) NameOf(ReceivedCredentials credentials) =>
        credentials.DeviceCalls is [{ } signed, ..]
            ? (CredentialKind.Signature, DeviceCallHeader.TryParse(signed, out var call) ? call.DeviceId : "")
            : (CredentialKind.Token, string.Concat(credentials.Authorization));
}
