namespace ChunkOta.Storage.Sql;

/// <summary>The last reports of devices, in one transaction.</summary>
internal static class SqlReports
{
    internal static void Put(SqlSession session, DeviceReport report) =>
        _ = session[
            """
            INSERT INTO device_reports (device_id, received, product, platform, channel, running, running_version,
              state, target, cause_code, cause_text, wire_bytes_up, wire_bytes_down, agent_version,
              cause, failed_stage)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            ON CONFLICT (device_id) DO UPDATE SET received = $2, product = $3, platform = $4, channel = $5,
              running = $6, running_version = $7, state = $8, target = $9, cause_code = $10, cause_text = $11,
              wire_bytes_up = $12, wire_bytes_down = $13, agent_version = $14, cause = $15, failed_stage = $16
            """]
            .Bind(1, report.DeviceId).Bind(2, report.Received).Bind(3, report.Product).Bind(4, report.Platform)
            .Bind(5, report.Channel).Bind(6, report.Running).Bind(7, report.RunningVersion).Bind(8, report.State)
            .Bind(9, report.Target).Bind(10, report.CauseCode).Bind(11, report.CauseText)
            .Bind(12, Clamp(report.WireBytesUp)).Bind(13, Clamp(report.WireBytesDown)).Bind(14, report.AgentVersion)
            .Bind(15, report.Cause).Bind(16, report.FailedStage)
            .Run();

    internal static DeviceReport? Find(SqlSession session, string deviceId) =>
        session[
            """
            SELECT device_id, received, product, platform, channel, running, running_version, state, target, cause_code,
              cause_text, wire_bytes_up, wire_bytes_down, agent_version, cause, failed_stage
            FROM device_reports WHERE device_id = $1
            """].Bind(1, deviceId).First(Read);

    internal static List<RunningRelease> ListRunning(SqlSession session, string product, string? channel) =>
        session[
            """
            SELECT running, count(*) FROM device_reports
            WHERE product = $1 AND running IS NOT NULL AND ($2 IS NULL OR channel = $2)
            GROUP BY running ORDER BY count(*) DESC, running
            """]
            .Bind(1, product).Bind(2, channel).List(row => new RunningRelease(row.Digest(0), row.Long(1)));

    private static DeviceReport Read(SqlRow row) => new()
    {
        DeviceId = row.Text(0),
        Received = row.Time(1),
        Product = row.Text(2),
        Platform = row.Text(3),
        Channel = row.Text(4),
        Running = row.DigestOrNull(5),
        RunningVersion = row.Text(6),
        State = row.Int(7),
        Target = row.DigestOrNull(8),
        CauseCode = row.Text(9),
        CauseText = row.Text(10),
        WireBytesUp = (ulong)row.Long(11),
        WireBytesDown = (ulong)row.Long(12),
        AgentVersion = row.Text(13),
        Cause = row.Int(14),
        FailedStage = row.Int(15),
    };

    /// <summary>A device can claim any number of bytes: one that the column cannot hold is stored as the
    /// largest.</summary>
    private static long Clamp(ulong bytes) => (long)Math.Min(bytes, long.MaxValue);
}
