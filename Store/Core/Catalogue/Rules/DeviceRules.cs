namespace ChunkOta.Storage;

/// <summary>The rules by which devices enrol and report.</summary>
public static class DeviceRules
{
    /// <summary>Enrols a device and counts a use of its token. The same key with the same token is the same
    /// device.</summary>
    /// <param name="transaction">The state.</param>
    /// <param name="enrolment">The request, with its signature and the token's secret checked.</param>
    /// <param name="newId">The id of the device if it is new: random, 32 lower-case hex digits.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ChunkOtaException">
    /// <c>TOKEN_INVALID</c>: the token is unknown, not an install token, revoked or used up; <c>TOKEN_EXPIRED</c>.
    /// </exception>
    public static DeviceRecord Enrol(
        IDeviceTransaction transaction, Enrolment enrolment, string newId, DateTimeOffset now)
    {
        var token = transaction.FindToken(enrolment.TokenId);
        if (token is not { Role: AccessRole.Install, IsRevoked: false, Product: { } product, Channel: { } channel })
            throw InvalidToken();
        if (token.Expires <= now)
        {
            throw new ChunkOtaException(
                ErrorCodes.TokenExpired, $"the install token expired at {token.Expires:u}: ask for another");
        }

        if (transaction.FindDevice(token.Id, enrolment.PublicKey) is { } known)
            return known;
        if (token.Uses != 0 && token.Used >= token.Uses)
            throw InvalidToken();

        var device = new DeviceRecord
        {
            Id = newId,
            Product = product,
            Channel = channel,
            Platform = enrolment.Platform,
            PublicKey = enrolment.PublicKey.ToArray(),
            TokenId = token.Id,
            Enrolled = now,
        };
        transaction.AddDevice(device);
        transaction.CountUse(token.Id);
        return device;
    }

    /// <summary>Stores a device's report in place of its last one.</summary>
    /// <exception cref="ChunkOtaException"><c>DEVICE_UNKNOWN</c>.</exception>
    public static void PutReport(IDeviceTransaction transaction, DeviceReport report)
    {
        if (!transaction.HasDevice(report.DeviceId))
        {
            throw new ChunkOtaException(
                ErrorCodes.DeviceUnknown, $"unknown device {report.DeviceId}: enrol it again");
        }

        transaction.PutReport(report);
    }

    /// <summary>One answer for every reason, so that a stranger does not learn which tokens exist.</summary>
    private static ChunkOtaException InvalidToken() => new(
        ErrorCodes.TokenInvalid, "the install token is unknown, revoked or used up: ask for another");
}
