using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ChunkOta.Protos;

/// <summary>The header of a device's call: which device, when, and the signature that proves it.</summary>
public sealed class DeviceCallHeader
{
    /// <summary>Length in bytes of a nonce.</summary>
    public const int NonceBytes = 16;

    private const int MaxTimeDigits = 11;

    private DeviceCallHeader(string deviceId, DateTimeOffset time, byte[] nonce, byte[] signature)
    {
        DeviceId = deviceId;
        Time = time;
        Nonce = nonce;
        Signature = signature;
    }

    /// <summary>The device's id, a valid name.</summary>
    public string DeviceId { get; }

    /// <summary>The device's clock, to the second.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>16 bytes that the device uses once.</summary>
    public ReadOnlyMemory<byte> Nonce { get; }

    /// <summary>64 bytes.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>Tells whether the device's key signed this very call.</summary>
    /// <param name="publicKey">The key that the device enrolled with, 32 bytes.</param>
    /// <param name="method">As received: the gRPC path, or <c>GET /path</c>.</param>
    /// <param name="authority">As received: the :authority or Host.</param>
    public bool IsSignedBy(ReadOnlySpan<byte> publicKey, string method, string authority) =>
        method.Length > 0 && DeviceCall.IsAuthority(authority)
        && Ed25519.Verify(publicKey, DeviceCall.SignedBytes(this, method, authority), Signature.Span);

    /// <summary>Tells whether the call is recent, within the clock window.</summary>
    /// <param name="now">The server's clock.</param>
    public bool IsTimely(DateTimeOffset now) => (Time - now).Duration() <= DeviceCall.ClockWindow;

    /// <summary>Reads a header's value, if it is one; nothing of it is verified.</summary>
    /// <param name="value">What was received. Each value has one spelling.</param>
    /// <param name="header">The header, or null.</param>
    public static bool TryParse(string? value, [NotNullWhen(true)] out DeviceCallHeader? header)
    {
        header = null;
        var nonce = new byte[NonceBytes];
        var signature = new byte[Ed25519.SignatureBytes];
        if (value?.Split(';') is not [DeviceCall.Version, var id, var time, var nonceText, var signatureText]
            || !Names.IsValid(id)
            || time.Length > MaxTimeDigits || (time.Length > 1 && time[0] == '0')
            || !long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || !Base64UrlText.TryDecode(nonceText, nonce)
            || !Base64UrlText.TryDecode(signatureText, signature))
            return false;
        header = new DeviceCallHeader(id, DateTimeOffset.FromUnixTimeSeconds(seconds), nonce, signature);
        return true;
    }
}
