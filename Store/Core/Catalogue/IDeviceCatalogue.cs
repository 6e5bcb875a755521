namespace ChunkOta.Storage;

/// <summary>Devices and their reports. Any number of callers at once.</summary>
public interface IDeviceCatalogue
{
    /// <summary>Enrols a device and counts a use of its token, in one transaction.</summary>
    /// <remarks>The same key with the same token returns the same device and counts no further use.</remarks>
    /// <exception cref="ChunkOtaException">
    /// <c>TOKEN_INVALID</c>: the token is unknown, not an install token, revoked or used up; <c>TOKEN_EXPIRED</c>.
    /// </exception>
    Task<DeviceRecord> EnrolAsync(Enrolment enrolment, CancellationToken cancellationToken = default);

    /// <summary>The device of an id; null when there is none.</summary>
    ValueTask<DeviceRecord?> FindDeviceAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Removes the devices that a token enrolled, with their reports.</summary>
    /// <returns>How many there were.</returns>
    Task<int> RemoveEnrolledAsync(string tokenId, CancellationToken cancellationToken = default);

    /// <summary>Stores a device's report in place of its last one.</summary>
    /// <exception cref="ChunkOtaException"><c>DEVICE_UNKNOWN</c>.</exception>
    Task PutReportAsync(DeviceReport report, CancellationToken cancellationToken = default);

    /// <summary>The last report of a device; null before the first.</summary>
    ValueTask<DeviceReport?> FindReportAsync(string deviceId, CancellationToken cancellationToken = default);

    /// <summary>The releases that devices run by their last reports, the most widespread first.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="channel">Only devices of this channel; null for all.</param>
    ValueTask<IReadOnlyList<RunningRelease>> ListRunningAsync(
        string product, string? channel = null, CancellationToken cancellationToken = default);

    /// <summary>Remembers a signed call, for all servers of the catalogue.</summary>
    /// <param name="call">The call's name: a digest of what no other call of any device has.</param>
    /// <param name="until">The time from which it can be forgotten.</param>
    /// <returns>False when it was remembered already.</returns>
    Task<bool> RememberCallAsync(
        ReadOnlyMemory<byte> call, DateTimeOffset until, CancellationToken cancellationToken = default);
}
