using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ChunkOta.Protos;

/// <summary>The signature of a device over each of its calls, without a challenge first.</summary>
/// <remarks>
/// Header: <c>ota-device: v1;ID;TIME;NONCE;SIG</c>, TIME in Unix seconds, NONCE (16 bytes) and SIG (64) in base64url.
/// SIG is over the pre-authentication encoding of <see cref="PayloadTypes.DeviceCall"/> and
/// <c>v1;ID;TIME;NONCE;METHOD;AUTHORITY</c>. TLS binds the body; reports are about the device alone.
/// </remarks>
public static class DeviceCall
{
    /// <summary>The header, and gRPC metadata key, that carries it.</summary>
    public const string HeaderName = "ota-device";

    /// <summary>The largest difference between a device's clock and the server's, either way.</summary>
    public static readonly TimeSpan ClockWindow = TimeSpan.FromSeconds(120);

    internal const string Version = "v1";

    /// <summary>Signs a call with a nonce of the system's random bytes.</summary>
    /// <inheritdoc cref="Sign(SigningKey, string, string, string, DateTimeOffset, ReadOnlySpan{byte})"/>
    public static string Sign(SigningKey key, string deviceId, string method, string authority, DateTimeOffset now)
    {
        Span<byte> nonce = stackalloc byte[DeviceCallHeader.NonceBytes];
        RandomNumberGenerator.Fill(nonce);
        return Sign(key, deviceId, method, authority, now, nonce);
    }

    /// <summary>Signs a call.</summary>
    /// <param name="key">The device's key.</param>
    /// <param name="deviceId">What enrolment answered.</param>
    /// <param name="method">The gRPC path, such as <c>/chunkota.v1.Devices/Report</c>, or <c>GET /path</c>.</param>
    /// <param name="authority">The :authority or Host that is sent.</param>
    /// <param name="now">The device's clock, or what the server said of its own.</param>
    /// <param name="nonce">16 bytes that this device never used before.</param>
    /// <returns>The header's value.</returns>
    /// <exception cref="ArgumentException">The nonce is not 16 bytes.</exception>
    /// <exception cref="ChunkOtaException">NAME_INVALID: the id is none.</exception>
    public static string Sign(
        SigningKey key, string deviceId, string method, string authority, DateTimeOffset now, ReadOnlySpan<byte> nonce)
    {
        ArgumentNullException.ThrowIfNull(key);
        Names.CheckId(deviceId);
        if (nonce.Length != DeviceCallHeader.NonceBytes)
            throw new ArgumentException(
                $"A nonce is {DeviceCallHeader.NonceBytes} bytes, not {nonce.Length}.", nameof(nonce));
        var stem = Stem(deviceId, now.ToUnixTimeSeconds(), nonce);
        return stem + ";" + Base64Url.EncodeToString(key.Sign(SignedBytes(stem, method, authority)));
    }

    /// <summary>The bytes that are signed for a call.</summary>
    /// <param name="header">Who calls, when, with which nonce.</param>
    /// <param name="method">As received: the gRPC path, or <c>GET /path</c>.</param>
    /// <param name="authority">As received: the :authority or Host.</param>
    public static byte[] SignedBytes(DeviceCallHeader header, string method, string authority)
    {
        ArgumentNullException.ThrowIfNull(header);
        return SignedBytes(
            Stem(header.DeviceId, header.Time.ToUnixTimeSeconds(), header.Nonce.Span), method, authority);
    }

    /// <summary>Reads a header's value; nothing of it is verified.</summary>
    /// <param name="value">What was received.</param>
    /// <exception cref="ChunkOtaException">DEVICE_UNKNOWN: it has not this form.</exception>
    public static DeviceCallHeader Parse(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return DeviceCallHeader.TryParse(value, out var header)
            ? header
            : throw new ChunkOtaException(ErrorCodes.DeviceUnknown,
                $"the {HeaderName} header has not the form {Version};ID;TIME;NONCE;SIGNATURE");
    }

    /// <summary>
    /// Tells whether a text can be the last part of the signed bytes: a path can hold a semicolon, an authority cannot.
    /// </summary>
    internal static bool IsAuthority(string authority) =>
        authority.Length > 0 && !authority.Contains(';', StringComparison.Ordinal);

    private static string Stem(string deviceId, long unixSeconds, ReadOnlySpan<byte> nonce) => string.Create(
        CultureInfo.InvariantCulture, $"{Version};{deviceId};{unixSeconds};{Base64Url.EncodeToString(nonce)}");

    private static byte[] SignedBytes(string stem, string method, string authority)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        if (!IsAuthority(authority))
            throw new ArgumentException(
                "No authority, or a semicolon that lets a path pass for one.", nameof(authority));
        return SignedDocument.SignedBytes(
            PayloadTypes.DeviceCall, Encoding.UTF8.GetBytes($"{stem};{method};{authority}"));
    }
}
