using System.Security.Cryptography;

namespace ChunkOta.Storage;

/// <summary>Devices and their reports in SQLite.</summary>
internal sealed class SqliteDeviceCatalogue(SqliteDatabase database, TimeProvider time) : IDeviceCatalogue
{
    private const string Devices =
        """
        SELECT d.id, p.name, d.channel, d.platform, d.public_key, d.token_id, d.enrolled
        FROM devices d JOIN products p ON p.id = d.product_id
        """;

    public Task<DeviceRecord> EnrolAsync(Enrolment enrolment, CancellationToken cancellationToken = default) =>
        database.WriteAsync(session => Enrol(session, enrolment, time.GetUtcNow()), cancellationToken);

    public ValueTask<DeviceRecord?> FindDeviceAsync(string id, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session =>
            {
                var row = session[Devices + " WHERE d.id = ?1"].Bind(1, id);
                return row.Step() ? ReadDevice(row) : null;
            },
            cancellationToken);

    public async Task PutReportAsync(DeviceReport report, CancellationToken cancellationToken = default) =>
        _ = await database.WriteAsync(session => SqliteReports.Put(session, report), cancellationToken)
            .ConfigureAwait(false);

    public ValueTask<DeviceReport?> FindReportAsync(string deviceId, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => SqliteReports.Find(session, deviceId), cancellationToken);

    public ValueTask<IReadOnlyList<RunningRelease>> ListRunningAsync(
        string product, string? channel = null, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => SqliteReports.ListRunning(session, product, channel), cancellationToken);

    private static DeviceRecord Enrol(SqliteSession session, Enrolment enrolment, DateTimeOffset now)
    {
        var token = SqliteIdentityCatalogue.FindToken(session, enrolment.TokenId);
        if (token is not { Role: AccessRole.Install, IsRevoked: false, Product: { } product, Channel: { } channel })
            throw Invalid();
        if (token.Expires <= now)
            throw new CatalogueRefusedException(
                ErrorCodes.TokenExpired, $"The install token ended at {token.Expires:u}: ask for another.");

        var known = session[Devices + " WHERE d.token_id = ?1 AND d.public_key = ?2"]
            .Bind(1, token.Id).Bind(2, enrolment.PublicKey.Span);
        if (known.Step())
            return ReadDevice(known);
        if (token.Uses != 0 && token.Used >= token.Uses)
            throw Invalid();

        var device = new DeviceRecord
        {
            Id = RandomNumberGenerator.GetHexString(32, lowercase: true),
            Product = product,
            Channel = channel,
            Platform = enrolment.Platform,
            PublicKey = enrolment.PublicKey.ToArray(),
            TokenId = token.Id,
            Enrolled = now,
        };
        _ = session[
            """
            INSERT INTO devices (id, product_id, channel, platform, public_key, token_id, enrolled)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """]
            .Bind(1, device.Id).Bind(2, SqliteProducts.GetId(session, product)).Bind(3, channel)
            .Bind(4, device.Platform).Bind(5, device.PublicKey.Span).Bind(6, token.Id).Bind(7, now).Run();
        _ = session["UPDATE tokens SET used = used + 1 WHERE id = ?1"].Bind(1, token.Id).Run();
        return device;
    }

    /// <summary>One answer for every reason, so that a stranger learns nothing of which tokens there are.</summary>
    private static CatalogueRefusedException Invalid() =>
        new(ErrorCodes.TokenInvalid, "The install token is unknown, revoked or used up: ask for another.");

    private static DeviceRecord ReadDevice(SqliteStatement row) => new()
    {
        Id = row.Text(0),
        Product = row.Text(1),
        Channel = row.Text(2),
        Platform = row.Text(3),
        PublicKey = row.Bytes(4),
        TokenId = row.Text(5),
        Enrolled = row.Time(6),
    };
}
