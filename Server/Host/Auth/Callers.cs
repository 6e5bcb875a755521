using System.Security.Cryptography;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Primitives;

namespace ChunkOta.Server;

/// <summary>Tells who makes a call, by its bearer token or by its device signature.
/// Whoever cannot be told is refused.</summary>
/// <remarks>
/// A token that is unknown, mistyped, revoked or has a wrong secret gets the same answer after the same work. A device
/// that is unknown and one whose signature is wrong, likewise.
/// </remarks>
internal sealed class Callers(
    IIdentityCatalogue identities, IDeviceCatalogue devices, ReplayCache replays, TimeProvider clock)
{
    private const string BearerPrefix = "Bearer ";
    private static readonly Digest NoSecret = Digest.Of([]);

    /// <summary>Who makes the call.</summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="method">What a device signs: the gRPC path, or <c>GET /path</c>.</param>
    /// <param name="authority">What a device signs: the :authority or Host it sent.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ChunkOtaException">TOKEN_INVALID, TOKEN_EXPIRED,
    /// DEVICE_UNKNOWN, CLOCK_SKEW, REPLAY.</exception>
    public async ValueTask<Caller> IdentifyAsync(
        IHeaderDictionary headers, string method, string authority, CancellationToken cancellationToken)
    {
        var bearer = headers.Authorization;
        var device = headers[DeviceCall.HeaderName];
        return (One(bearer), One(device)) switch
        {
            (string token, null) when device.Count == 0 => await IdentifyTokenAsync(token, cancellationToken),
            (null, string signed) when bearer.Count == 0 =>
                await IdentifyDeviceAsync(signed, method, authority, cancellationToken),
            _ => throw TokenInvalid(),
        };
    }

    /// <summary>Whether a secret is the one that a token was made with, in the same time for any.</summary>
    public static bool IsSecretOf(TokenRecord? token, ReadOnlySpan<byte> secret)
    {
        Span<byte> actual = stackalloc byte[Digest.Size];
        Span<byte> expected = stackalloc byte[Digest.Size];
        Digest.Of(secret).CopyTo(actual);
        (token?.SecretDigest ?? NoSecret).CopyTo(expected);
        return CryptographicOperations.FixedTimeEquals(actual, expected) && token is { IsRevoked: false };
    }

    /// <summary>The answer to everything that is wrong with a token.</summary>
    public static ChunkOtaException TokenInvalid() =>
        new(ErrorCodes.TokenInvalid, "The token is not valid here: it is mistyped, revoked, or another server's");

    private async ValueTask<Caller> IdentifyTokenAsync(string header, CancellationToken cancellationToken)
    {
        if (!header.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase)
            || !AccessToken.TryParse(header[BearerPrefix.Length..].Trim(), out var token))
            throw TokenInvalid();

        var known = await identities.FindTokenAsync(token.IdText, cancellationToken);
        if (!IsSecretOf(known, token.Secret.Span) || known!.Role == AccessRole.Install) throw TokenInvalid();
        if (known.Expires <= clock.GetUtcNow())
            throw new ChunkOtaException(
                ErrorCodes.TokenExpired, $"Token {known.Id} expired at {known.Expires:u}; ask for a new one");
        return new Caller(RoleOf(known.Role), known.Id, known.Product);
    }

    private async ValueTask<Caller> IdentifyDeviceAsync(
        string value, string method, string authority, CancellationToken cancellationToken)
    {
        var call = DeviceCall.Parse(value);
        var now = clock.GetUtcNow();
        if (!call.IsTimely(now))
            throw new ClockSkewException($"The device's clock says {call.Time:u}, the server's {now:u}", now);

        var device = await devices.FindDeviceAsync(call.DeviceId, cancellationToken);
        if (device is null || !call.IsSignedBy(device.PublicKey.Span, method, authority))
            throw new ChunkOtaException(
                ErrorCodes.DeviceUnknown, $"Device {call.DeviceId} is not enrolled here with this key; enrol it again");
        if (!replays.TryRemember(call.DeviceId, call.Nonce.Span))
            throw new ChunkOtaException(ErrorCodes.Replay, "This very call was made before; sign each call anew");
        return new Caller(CallerRole.Device, device.Id, device.Product, device.Channel);
    }

    private static string? One(StringValues values) => values is [{ Length: > 0 } value] ? value : null;

    private static CallerRole RoleOf(AccessRole role) => role switch
    {
        AccessRole.Reader => CallerRole.Reader,
        AccessRole.Publisher => CallerRole.Publisher,
        AccessRole.Admin => CallerRole.Admin,
        _ => throw TokenInvalid(),
    };
}
