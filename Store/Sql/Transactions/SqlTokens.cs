namespace ChunkOta.Storage.Sql;

/// <summary>Tokens, in one transaction.</summary>
internal static class SqlTokens
{
    private const string Columns =
        """
        SELECT t.id, t.secret_digest, t.role, p.name, t.channel, t.created, t.expires, t.uses, t.used, t.is_revoked,
          t.label
        FROM tokens t LEFT JOIN products p ON p.id = t.product_id
        """;

    internal static TokenRecord? Find(SqlSession session, string id) =>
        session[Columns + " WHERE t.id = $1"].Bind(1, id).First(Read);

    internal static List<TokenRecord> List(SqlSession session) =>
        session[Columns + " ORDER BY t.created, t.id"].List(Read);

    private static TokenRecord Read(SqlRow row) => new()
    {
        Id = row.Text(0),
        SecretDigest = row.Digest(1),
        Role = (AccessRole)row.Int(2),
        Product = row.TextOrNull(3),
        Channel = row.TextOrNull(4),
        Created = row.Time(5),
        Expires = row.TimeOrNull(6),
        Uses = row.Int(7),
        Used = row.Int(8),
        IsRevoked = row.Flag(9),
        Label = row.Text(10),
    };
}
