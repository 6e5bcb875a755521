using System.Security.Cryptography;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>Authenticates calls, by bearer token or device signature, and refuses all others.</summary>
/// <remarks>
/// A token that is unknown, mistyped, revoked or has a wrong secret gets the same answer after the same work. The same
/// holds for a device that is unknown and one whose signature is wrong.
/// </remarks>
public sealed class Callers
{
    private const string BearerPrefix = "Bearer ";
    private static readonly Digest NoSecret = Digest.Of([]);
    private readonly IIdentityCatalogue _identities;
    private readonly IDeviceCatalogue _devices;
    private readonly SignedCalls _calls;
    private readonly IReadOnlyList<string> _publicNames;
    private readonly TimeProvider _clock;

    /// <param name="identities">Knows tokens.</param>
    /// <param name="devices">Knows devices.</param>
    /// <param name="calls">Accepts each signed call once.</param>
    /// <param name="publicNames">The authorities that device signatures can name; empty for the one that each call was
    /// sent to.</param>
    /// <param name="clock">Checked against expiries and the times of signed calls.</param>
    internal Callers(
        IIdentityCatalogue identities, IDeviceCatalogue devices, SignedCalls calls, IReadOnlyList<string> publicNames,
        TimeProvider clock) =>
        (_identities, _devices, _calls, _publicNames, _clock) = (identities, devices, calls, publicNames, clock);

    /// <summary>Authenticates a call.</summary>
    /// <exception cref="ChunkOtaException">TOKEN_INVALID, TOKEN_EXPIRED, DEVICE_UNKNOWN, CLOCK_SKEW,
    /// REPLAY.</exception>
    public async ValueTask<Caller> IdentifyAsync(ReceivedCredentials credentials, CancellationToken cancellationToken)
    {
        var (bearer, device) = (credentials.Authorization, credentials.DeviceCalls);
        return (Single(bearer), Single(device)) switch
        {
            (string token, null) when device.Count == 0 => await IdentifyTokenAsync(token, cancellationToken),
            (null, string signed) when bearer.Count == 0 => await IdentifyDeviceAsync(
                signed, credentials.Method, credentials.Authority, cancellationToken),
            _ => throw TokenInvalid(),
        };
    }

    /// <summary>Compares a secret with a token's, in constant time; false for a revoked or unknown token.</summary>
    internal static bool IsSecretOf(TokenRecord? token, ReadOnlySpan<byte> secret)
    {
        Span<byte> actual = stackalloc byte[Digest.Size];
        Span<byte> expected = stackalloc byte[Digest.Size];
        Digest.Of(secret).CopyTo(actual);
        (token?.SecretDigest ?? NoSecret).CopyTo(expected);
        return CryptographicOperations.FixedTimeEquals(actual, expected) && token is { IsRevoked: false };
    }

    /// <summary>The one answer to every fault of a token.</summary>
    internal static ChunkOtaException TokenInvalid() => new(
        ErrorCodes.TokenInvalid, "the token is not valid: it is mistyped, revoked or from another server");

    private async ValueTask<Caller> IdentifyTokenAsync(string header, CancellationToken cancellationToken)
    {
        if (!header.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase)
            || !AccessToken.TryParse(header[BearerPrefix.Length..].Trim(), out var token))
            throw TokenInvalid();

        var known = await _identities.FindTokenAsync(token.IdText, cancellationToken);
        if (!IsSecretOf(known, token.Secret.Span) || known!.Role == AccessRole.Install) throw TokenInvalid();
        if (known.Expires <= _clock.GetUtcNow())
            throw new ChunkOtaException(
                ErrorCodes.TokenExpired, $"the token expired: {known.Id}, at {known.Expires:u}: ask for a new one");
        return new Caller(RoleOf(known.Role), known.Id, known.Product);
    }

    private async ValueTask<Caller> IdentifyDeviceAsync(
        string value, string method, string authority, CancellationToken cancellationToken)
    {
        var call = DeviceCall.Parse(value);
        var now = _clock.GetUtcNow();
        if (!call.IsTimely(now))
            throw new ClockSkewException(
                $"the clocks disagree: {call.Time:u} on the device, {now:u} on the server: set the device's clock",
                now);

        var device = await _devices.FindDeviceAsync(call.DeviceId, cancellationToken);
        var names = _publicNames.Count == 0 ? [authority] : _publicNames;
        if (device is null || !names.Any(name => call.IsSignedBy(device.PublicKey.Span, method, name)))
            throw DeviceUnknown(call.DeviceId, authority, names);
        if (!await _calls.TryAcceptAsync(call.DeviceId, call.Nonce, cancellationToken))
            throw new ChunkOtaException(
                ErrorCodes.Replay, "the call was made before: its nonce is used up: sign each call anew");
        return new Caller(CallerRole.Device, device.Id, device.Product, device.Channel);
    }

    /// <summary>The one answer to an unknown device and a wrong signature. A proxy that changes the host name is the
    /// most frequent cause, and enrolling again does not help against it.</summary>
    private static ChunkOtaException DeviceUnknown(string device, string authority, IReadOnlyList<string> names) => new(
        ErrorCodes.DeviceUnknown,
        $"the signature of device {device} is not valid here: the call arrived for {OneLine.Of(authority)}, and "
            + $"signatures must name {string.Join(" or ", names.Select(name => OneLine.Of(name)))}: if the device uses "
            + "another address, a proxy changed it: have the proxy keep the host name, or list the address in the "
            + "server's setting Listen:PublicNames; otherwise enrol the device again");

    private static string? Single(IReadOnlyList<string?> values) =>
        values is [{ Length: > 0 } value] ? value : null;

    private static CallerRole RoleOf(AccessRole role) => role switch
    {
        AccessRole.Reader => CallerRole.Reader,
        AccessRole.Publisher => CallerRole.Publisher,
        AccessRole.Admin => CallerRole.Admin,
        _ => throw TokenInvalid(),
    };
}
