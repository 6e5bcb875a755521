using System.Security.Cryptography;

namespace ChunkOta.Storage.Sql;

/// <summary>Devices and their reports, in SQL.</summary>
internal sealed class SqlDeviceCatalogue(SqlDatabase database, TimeProvider clock) : IDeviceCatalogue
{
    /// <summary>The time between two deletions of the calls that need not be remembered any more.</summary>
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private long _lastSweep;

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
        database.WriteAsync(
            WriteScope.Shared, session => DeviceRules.PutReport(new SqlDevices(session), report), cancellationToken);

    public ValueTask<DeviceReport?> FindReportAsync(string deviceId, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => SqlReports.Find(session, deviceId), cancellationToken);

    public ValueTask<IReadOnlyList<RunningRelease>> ListRunningAsync(
        string product, string? channel = null, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<RunningRelease>>(
            session => SqlReports.ListRunning(session, product, channel), cancellationToken);

    public Task<bool> RememberCallAsync(
        ReadOnlyMemory<byte> call, DateTimeOffset until, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            WriteScope.Apart,
            session =>
            {
                var now = clock.GetUtcNow();
                if (IsSweepDue(now))
                    _ = session["DELETE FROM device_calls WHERE until <= $1"].Bind(1, now).Run();
                return session["INSERT INTO device_calls (call, until) VALUES ($1, $2) ON CONFLICT DO NOTHING"]
                    .Bind(1, call).Bind(2, until).Run() == 1;
            },
            cancellationToken);

    private bool IsSweepDue(DateTimeOffset now)
    {
        var last = Interlocked.Read(ref _lastSweep);
        return Math.Abs(now.UtcTicks - last) >= SweepEvery.Ticks
            && Interlocked.CompareExchange(ref _lastSweep, now.UtcTicks, last) == last;
    }
}
