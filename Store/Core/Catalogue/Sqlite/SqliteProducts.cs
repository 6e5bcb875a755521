using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Products and their trust roots, inside somebody's transaction.</summary>
internal static class SqliteProducts
{
    private const string Columns =
        """
        SELECT p.name, p.cut_min_bytes, p.cut_average_bytes, p.cut_max_bytes, p.cut_seed,
          (SELECT digest FROM roots WHERE product_id = p.id ORDER BY version LIMIT 1),
          r.version, r.digest, r.expires, r.envelope, (SELECT count(*) FROM releases WHERE product_id = p.id)
        FROM products p JOIN roots r ON r.product_id = p.id
          AND r.version = (SELECT max(version) FROM roots WHERE product_id = p.id)
        """;

    /// <summary>The row id of a product.</summary>
    /// <exception cref="CatalogueRefusedException"><c>PRODUCT_UNKNOWN</c>.</exception>
    internal static long GetId(SqliteSession session, string name) => FindId(session, name)
        ?? throw new CatalogueRefusedException(
            ErrorCodes.ProductUnknown, $"There is no product {name}: create it first.");

    internal static long? FindId(SqliteSession session, string name)
    {
        var row = session["SELECT id FROM products WHERE name = ?1"].Bind(1, name);
        long? id = row.Step() ? row.Long(0) : null;
        row.Reset();
        return id;
    }

    /// <returns>False when the same product is there already.</returns>
    /// <exception cref="CatalogueRefusedException"><c>PRODUCT_TAKEN</c>.</exception>
    internal static bool Create(SqliteSession session, NewProduct product)
    {
        if (Find(session, product.Name) is { } known)
        {
            if (known.FirstRoot == product.FirstRoot.Digest && (product.Cut is null || product.Cut == known.Cut))
                return false;
            throw new CatalogueRefusedException(
                ErrorCodes.ProductTaken,
                $"The product {product.Name} is there with another trust root or cut: take another name, or its own root.");
        }

        var cut = product.Cut ?? CutParameters.Default;
        cut.Validate();
        _ = session[
            """
            INSERT INTO products (name, cut_min_bytes, cut_average_bytes, cut_max_bytes, cut_seed)
            VALUES (?1, ?2, ?3, ?4, ?5)
            """]
            .Bind(1, product.Name).Bind(2, cut.Min).Bind(3, cut.Average).Bind(4, cut.Max).Bind(5, unchecked((long)cut.Seed))
            .Run();
        var root = product.FirstRoot;
        _ = session["INSERT INTO roots (product_id, version, digest, expires, envelope) VALUES (?1, ?2, ?3, ?4, ?5)"]
            .Bind(1, session.LastId).Bind(2, SqliteNumbers.Of(root.Version, ErrorCodes.RootInvalid)).Bind(3, root.Digest)
            .Bind(4, root.Expires).Bind(5, root.Envelope.Span).Run();
        return true;
    }

    internal static ProductRecord? Find(SqliteSession session, string name)
    {
        var row = session[Columns + " WHERE p.name = ?1"].Bind(1, name);
        var product = row.Step() ? Read(row) : null;
        row.Reset();
        return product;
    }

    internal static List<ProductRecord> List(SqliteSession session)
    {
        List<ProductRecord> products = [];
        var row = session[Columns + " ORDER BY p.name"];
        while (row.Step())
            products.Add(Read(row));
        return products;
    }

    internal static List<RootRecord> ListRoots(SqliteSession session, string product, ulong afterVersion, int max)
    {
        List<RootRecord> roots = [];
        var row = session[
            """
            SELECT r.version, r.digest, r.expires, r.envelope FROM roots r JOIN products p ON p.id = r.product_id
            WHERE p.name = ?1 AND r.version > ?2 ORDER BY r.version LIMIT ?3
            """]
            .Bind(1, product).Bind(2, (long)Math.Min(afterVersion, long.MaxValue)).Bind(3, max);
        while (row.Step())
            roots.Add(ReadRoot(row, 0));
        return roots;
    }

    private static ProductRecord Read(SqliteStatement row) => new(
        row.Text(0),
        new CutParameters(row.Int(1), row.Int(2), row.Int(3), unchecked((ulong)row.Long(4))),
        row.Digest(5),
        ReadRoot(row, 6),
        row.Long(10));

    private static RootRecord ReadRoot(SqliteStatement row, int first) =>
        new((ulong)row.Long(first), row.Digest(first + 1), row.Time(first + 2), row.Bytes(first + 3));
}
