using System.Security.Cryptography;

namespace ChunkOta.Storage.Sql;

/// <summary>Devices and their reports, in SQL.</summary>
internal sealed class SqlDeviceCatalogue(SqlDatabase database, TimeProvider clock) : IDeviceCatalogue
{
    public Task<DeviceRecord> EnrolAsync(Enrolment enrolment, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => DeviceRules.Enrol(
                new SqlDevices(session),
                enrolment,
                RandomNumberGenerator.GetHexString(32, lowercase: true),
                clock.GetUtcNow()),
            cancellationToken);

    public ValueTask<DeviceRecord?> FindDeviceAsync(string id, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => SqlDevices.Find(session, id), cancellationToken);

    public Task<int> RemoveEnrolledAsync(string tokenId, CancellationToken cancellationToken = default) =>
        database.WriteAsync(session => SqlDevices.RemoveEnrolled(session, tokenId), cancellationToken);

    public Task PutReportAsync(DeviceReport report, CancellationToken cancellationToken = default) =>
        database.WriteAsync(session => DeviceRules.PutReport(new SqlDevices(session), report), cancellationToken);

    public ValueTask<DeviceReport?> FindReportAsync(string deviceId, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => SqlReports.Find(session, deviceId), cancellationToken);

    public ValueTask<IReadOnlyList<RunningRelease>> ListRunningAsync(
        string product, string? channel = null, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<RunningRelease>>(
            session => SqlReports.ListRunning(session, product, channel), cancellationToken);
}
