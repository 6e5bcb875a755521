namespace ChunkOta.Storage.Sql;

/// <summary>Devices, in one transaction.</summary>
internal sealed class SqlDevices(SqlSession session) : IDeviceTransaction
{
    private const string Columns =
        """
        SELECT d.id, p.name, d.channel, d.platform, d.public_key, d.token_id, d.enrolled
        FROM devices d JOIN products p ON p.id = d.product_id
        """;

    public TokenRecord? FindToken(string id) => SqlTokens.Find(session, id);

    public DeviceRecord? FindDevice(string tokenId, ReadOnlyMemory<byte> publicKey) =>
        session[Columns + " WHERE d.token_id = $1 AND d.public_key = $2"]
            .Bind(1, tokenId).Bind(2, publicKey).First(Read);

    public void AddDevice(DeviceRecord device) =>
        _ = session[
            """
            INSERT INTO devices (id, product_id, channel, platform, public_key, token_id, enrolled)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """]
            .Bind(1, device.Id).Bind(2, SqlLookup.GetProductId(session, device.Product)).Bind(3, device.Channel)
            .Bind(4, device.Platform).Bind(5, device.PublicKey).Bind(6, device.TokenId).Bind(7, device.Enrolled).Run();

    public void CountUse(string tokenId) =>
        _ = session["UPDATE tokens SET used = used + 1 WHERE id = $1"].Bind(1, tokenId).Run();

    public bool HasDevice(string id) => session["SELECT 1 FROM devices WHERE id = $1"].Bind(1, id).Any();

    public void PutReport(DeviceReport report) => SqlReports.Put(session, report);

    internal static DeviceRecord? Find(SqlSession session, string id) =>
        session[Columns + " WHERE d.id = $1"].Bind(1, id).First(Read);

    internal static int RemoveEnrolled(SqlSession session, string tokenId)
    {
        _ = session["DELETE FROM device_reports WHERE device_id IN (SELECT id FROM devices WHERE token_id = $1)"]
            .Bind(1, tokenId).Run();
        return session["DELETE FROM devices WHERE token_id = $1"].Bind(1, tokenId).Run();
    }

    private static DeviceRecord Read(SqlRow row) => new()
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
