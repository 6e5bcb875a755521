using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Products with their trust roots, and tokens, in one transaction.</summary>
internal sealed class SqlProducts(SqlSession session) : SqlLookup(session), IProductTransaction
{
    private const string Columns =
        """
        SELECT p.name, p.cut_min_bytes, p.cut_average_bytes, p.cut_max_bytes, p.cut_seed,
          (SELECT digest FROM roots WHERE product_id = p.id ORDER BY version LIMIT 1),
          r.version, r.digest, r.expires, r.envelope,
          (SELECT count(*) FROM releases WHERE product_id = p.id AND deleted IS NULL), p.quota_bytes, p.stored_bytes,
          p.dedup_mask
        FROM products p JOIN roots r ON r.product_id = p.id
          AND r.version = (SELECT max(version) FROM roots WHERE product_id = p.id)
        """;

    public ProductRecord? FindProduct(string name) => Find(Session, name);

    public void AddProduct(string name, CutParameters cut, RootRecord firstRoot, DedupDomain domain)
    {
        _ = Session[
            """
            INSERT INTO products (name, cut_min_bytes, cut_average_bytes, cut_max_bytes, cut_seed, dedup_mask)
            VALUES ($1, $2, $3, $4, $5, $6)
            """]
            .Bind(1, name).Bind(2, cut.Min).Bind(3, cut.Average).Bind(4, cut.Max)
            .Bind(5, unchecked((long)cut.Seed)).Bind(6, MaskOf(domain)).Run();
        AddRoot(name, firstRoot);
    }

    public void SetQuota(string product, long? bytes) =>
        _ = Session["UPDATE products SET quota_bytes = $2 WHERE name = $1"].Bind(1, product).Bind(2, bytes).Run();

    public void AddRoot(string product, RootRecord root) =>
        _ = Session["INSERT INTO roots (product_id, version, digest, expires, envelope) VALUES ($1, $2, $3, $4, $5)"]
            .Bind(1, GetProductId(Session, product)).Bind(2, (long)root.Version).Bind(3, root.Digest)
            .Bind(4, root.Expires).Bind(5, root.Envelope).Run();

    public void AddToken(TokenRecord token)
    {
        long? product = token.Product is { } name ? GetProductId(Session, name) : null;
        _ = Session[
            """
            INSERT INTO tokens
              (id, secret_digest, role, product_id, channel, created, expires, uses, used, is_revoked, label)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """]
            .Bind(1, token.Id).Bind(2, token.SecretDigest).Bind(3, (int)token.Role)
            .Bind(4, product).Bind(5, token.Channel)
            .Bind(6, token.Created).Bind(7, token.Expires).Bind(8, token.Uses).Bind(9, token.Used)
            .Bind(10, token.IsRevoked).Bind(11, token.Label).Run();
    }

    public bool RevokeToken(string id) =>
        Session["UPDATE tokens SET is_revoked = 1 WHERE id = $1"].Bind(1, id).Run() == 1;

    public bool HasAdminToken(DateTimeOffset now) =>
        Session[
            """
            SELECT id FROM tokens WHERE role = $1 AND is_revoked = 0 AND (expires IS NULL OR expires > $2) LIMIT 1
            """]
            .Bind(1, (int)AccessRole.Admin).Bind(2, now).First(row => row.Text(0)) is not null;

    internal static ProductRecord? Find(SqlSession session, string name) =>
        session[Columns + " WHERE p.name = $1"].Bind(1, name).First(Read);

    internal static List<ProductRecord> List(SqlSession session) => session[Columns + " ORDER BY p.name"].List(Read);

    internal static List<RootRecord> ListRoots(SqlSession session, string product, ulong afterVersion, int max) =>
        session[
            """
            SELECT r.version, r.digest, r.expires, r.envelope FROM roots r JOIN products p ON p.id = r.product_id
            WHERE p.name = $1 AND r.version > $2 ORDER BY r.version LIMIT $3
            """]
            .Bind(1, product).Bind(2, (long)Math.Min(afterVersion, long.MaxValue)).Bind(3, max)
            .List(row => ReadRoot(row, 0));

    /// <summary>The domain of a column that is null for the shared one.</summary>
    internal static DedupDomain ReadDomain(SqlRow row, int column) =>
        row.IsNull(column) ? DedupDomain.Shared : DedupDomain.OfMask(row.Digest(column));

    private static ProductRecord Read(SqlRow row) => new(
        row.Text(0),
        new CutParameters(row.Int(1), row.Int(2), row.Int(3), unchecked((ulong)row.Long(4))),
        row.Digest(5),
        ReadRoot(row, 6),
        row.Long(10))
    {
        QuotaBytes = row.IsNull(11) ? null : row.Long(11),
        StoredBytes = row.Long(12),
        Domain = ReadDomain(row, 13),
    };

    private static Digest? MaskOf(DedupDomain domain) => domain.IsShared ? null : domain.Mask;

    private static RootRecord ReadRoot(SqlRow row, int first) =>
        new((ulong)row.Long(first), row.Digest(first + 1), row.Time(first + 2), row.Bytes(first + 3));
}
