using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Products and releases by name, in one transaction.</summary>
internal class SqlLookup(SqlSession session) : ICatalogueLookup
{
    protected SqlSession Session => session;

    public bool HasProduct(string name) => FindProductId(session, name) is not null;

    public (string Product, string Platform)? FindLine(Digest manifest) =>
        session[
            """
            SELECT p.name, r.platform FROM releases r JOIN products p ON p.id = r.product_id
            WHERE r.manifest = $1 AND r.deleted IS NULL
            """]
            .Bind(1, manifest).FirstValue(row => (row.Text(0), row.Text(1)));

    public IReadOnlyList<string> ListChannels(string product) =>
        session["SELECT DISTINCT channel FROM pointers WHERE product_id = $1 AND deleted IS NULL ORDER BY channel"]
            .Bind(1, GetProductId(session, product)).List(row => row.Text(0));

    public IReadOnlyList<string> ListPlatforms(string product) =>
        session[
            "SELECT DISTINCT platform FROM releases WHERE product_id = $1 AND deleted IS NULL ORDER BY platform"]
            .Bind(1, GetProductId(session, product)).List(row => row.Text(0));

    public ReleaseSize? FindPreviousSize(string product, string platform, string channel)
    {
        var id = GetProductId(session, product);
        return session[
            """
            SELECT r.files, r.logical_bytes FROM pointers c JOIN releases r ON r.manifest = c.current
            WHERE c.product_id = $1 AND c.platform = $2 AND c.channel = $3 AND c.deleted IS NULL
            """]
            .Bind(1, id).Bind(2, platform).Bind(3, channel).FirstValue(ReadSize)
            ?? session[
                """
                SELECT files, logical_bytes FROM releases
                WHERE product_id = $1 AND platform = $2 AND deleted IS NULL ORDER BY counter DESC LIMIT 1
                """]
                .Bind(1, id).Bind(2, platform).FirstValue(ReadSize);

        static ReleaseSize ReadSize(SqlRow row) => new(row.Long(0), row.Long(1));
    }

    public ulong? FindHighestCounter(string product, string platform) =>
        session["SELECT counter FROM releases WHERE product_id = $1 AND platform = $2 ORDER BY counter DESC LIMIT 1"]
            .Bind(1, GetProductId(session, product)).Bind(2, platform).FirstValue(row => (ulong)row.Long(0));

    public ulong ReadLeastNumber() =>
        session["SELECT max(least) FROM restores"].FirstValue(row => row.IsNull(0) ? 0 : (ulong)row.Long(0)) ?? 0;

    public ProductUse FindUse(string product) => FindUse(session, product)
        ?? throw new InvalidOperationException($"product {product} has no row");

    /// <summary>The bytes of a product; null when there is no such product.</summary>
    internal static ProductUse? FindUse(SqlSession session, string product) =>
        session[
            """
            SELECT p.quota_bytes, p.stored_bytes,
              (SELECT CAST(coalesce(sum(u.brought_bytes), 0) AS bigint) FROM publishes u WHERE u.product_id = p.id)
            FROM products p WHERE p.name = $1
            """]
            .Bind(1, product).FirstValue(row => new ProductUse(
                product, row.IsNull(0) ? null : row.Long(0), row.Long(1), row.Long(2)));

    /// <summary>The domain of a product; the shared one if the product does not exist.</summary>
    internal static DedupDomain FindDomain(SqlSession session, string product) =>
        session["SELECT dedup_mask FROM products WHERE name = $1"].Bind(1, product)
            .First(row => SqlProducts.ReadDomain(row, 0)) ?? DedupDomain.Shared;

    internal static long? FindProductId(SqlSession session, string name) =>
        session["SELECT id FROM products WHERE name = $1"].Bind(1, name).FirstValue(row => row.Long(0));

    /// <summary>The row of a product that exists.</summary>
    internal static long GetProductId(SqlSession session, string name) =>
        FindProductId(session, name) ?? throw new InvalidOperationException($"product {name} has no row");

    /// <summary>The row of a release, deleted or not.</summary>
    internal static long GetReleaseId(SqlSession session, Digest manifest) =>
        session["SELECT id FROM releases WHERE manifest = $1"].Bind(1, manifest).FirstValue(row => row.Long(0))
            ?? throw new InvalidOperationException($"release {manifest} has no row");

    /// <summary>The row of a release.</summary>
    /// <exception cref="ChunkOtaException"><c>RELEASE_UNKNOWN</c>.</exception>
    internal static long GetKnownReleaseId(SqlSession session, Digest manifest)
    {
        ExistenceRules.CheckRelease(new SqlLookup(session), manifest);
        return GetReleaseId(session, manifest);
    }
}
