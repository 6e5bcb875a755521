using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>A device that wants to be enrolled.</summary>
/// <param name="TokenId">The public half of its install token.</param>
/// <param name="TokenSecret">The token's secret.</param>
/// <param name="PublicKey">The device's Ed25519 key.</param>
/// <param name="Proof">The key's signature over this enrolment.</param>
/// <param name="Platform">The device's platform.</param>
/// <param name="AgentVersion">Its agent's version, for people.</param>
public sealed record WantedEnrolment(
    ReadOnlyMemory<byte> TokenId, ReadOnlyMemory<byte> TokenSecret, ReadOnlyMemory<byte> PublicKey,
    ReadOnlyMemory<byte> Proof, string Platform, string AgentVersion);

/// <summary>Enrols devices.</summary>
/// <param name="identities">Knows tokens.</param>
/// <param name="devices">Gets the devices.</param>
/// <param name="clock">Ends the waits of devices for their turn.</param>
/// <param name="log">Gets a line for each device.</param>
public sealed partial class EnrolmentOperations(
    IIdentityCatalogue identities, IDeviceCatalogue devices, TimeProvider clock, ILogger<EnrolmentOperations> log)
{
    private readonly EnrolmentGate _gate = new(clock);

    /// <summary>Trades an install token for a device id.</summary>
    /// <exception cref="ChunkOtaException">TOKEN_INVALID, TOKEN_EXPIRED, SIG_INVALID, THROTTLED.</exception>
    public async Task<DeviceRecord> EnrolAsync(WantedEnrolment wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        Names.CheckPlatform(wanted.Platform);
        var token = await identities.FindTokenAsync(
            Convert.ToHexStringLower(wanted.TokenId.Span), cancellationToken);
        if (!Callers.IsSecretOf(token, wanted.TokenSecret.Span) || token!.Role != AccessRole.Install)
            throw Callers.TokenInvalid();
        CheckProof(wanted);

        var enrolment = new Enrolment(
            token.Id, wanted.PublicKey, wanted.Platform, ReportOperations.BoundName(wanted.AgentVersion));
        var device = await _gate.RunAsync(
            wanted.PublicKey, () => devices.EnrolAsync(enrolment, cancellationToken), cancellationToken);
        LogEnrolled(device.Id, device.Product, device.Channel, device.Platform, token.Id);
        return device;
    }

    /// <summary>Forgets the devices that a token enrolled: their calls are refused from now on. The token must be
    /// revoked already, or they enrol again.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED.</exception>
    public async Task<int> RemoveAsync(Caller caller, string tokenId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        var removed = await devices.RemoveEnrolledAsync(tokenId, cancellationToken);
        LogRemoved(removed, OneLine.Of(tokenId), caller.Id);
        return removed;
    }

    /// <summary>Verifies that the device has the key's private half and signed for this very token.</summary>
    private static void CheckProof(WantedEnrolment wanted)
    {
        byte[] body = [.. wanted.TokenId.Span, .. wanted.PublicKey.Span];
        if (wanted.PublicKey.Length != Ed25519.PublicKeyBytes
            || !Ed25519.Verify(
                wanted.PublicKey.Span, SignedDocument.SignedBytes(PayloadTypes.Enrol, body), wanted.Proof.Span))
            throw new ChunkOtaException(
                ErrorCodes.SigInvalid,
                "the proof is not a signature of the device's key over this enrolment: enrol with a new key");
    }

    [LoggerMessage(4020, LogLevel.Information,
        "Device {Device} enrolled for {Product} {Channel} ({Platform}) with token {Token}")]
    private partial void LogEnrolled(string device, string product, string channel, string platform, string token);

    [LoggerMessage(4022, LogLevel.Information, "{Count} devices that token {Token} enrolled were removed by {Caller}")]
    private partial void LogRemoved(int count, string token, string caller);
}
