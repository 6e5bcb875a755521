using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>The objects that the store lost, in SQL.</summary>
internal sealed class SqlDamageCatalogue(SqlDatabase database, TimeProvider clock) : IDamageCatalogue
{
    private const string Objects =
        """
        SELECT kind, digest, max(fault), CAST(sum(CASE WHEN part >= 0 THEN 1 ELSE 0 END) AS bigint),
          CAST(sum(chunks) AS bigint), min(found), min(detail)
        FROM damages
        """;

    private const string Documents =
        """
        SELECT digest, CAST(length(envelope) AS bigint) AS bytes FROM roots
        UNION SELECT digest, CAST(length(envelope) AS bigint) FROM pointers
        """;

    public Task<DamageChange> RecordAsync(ObjectFinding finding, CancellationToken cancellationToken = default) =>
        database.WriteAsync(session => SqlDamage.Record(session, finding, clock.GetUtcNow()), cancellationToken);

    public ValueTask<DamageStamp> ReadStampAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session => session["SELECT count(*), coalesce(max(found), 0) FROM damages"]
                .FirstValue(row => new DamageStamp(row.Long(0), row.Long(1))) ?? default,
            cancellationToken);

    public ValueTask<bool> HasAnyAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => session["SELECT 1 FROM damages LIMIT 1"].Any(), cancellationToken);

    public ValueTask<long> CountAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session => session["SELECT count(*) FROM (SELECT DISTINCT kind, digest FROM damages) objects"]
                .FirstValue(row => row.Long(0)) ?? 0,
            cancellationToken);

    public ValueTask<IReadOnlyList<DamagedObject>> ListAsync(
        ObjectName? after, int max, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<DamagedObject>>(
            session => session[
                Objects + " WHERE kind > $1 OR (kind = $1 AND digest > $2) GROUP BY kind, digest ORDER BY kind, digest"
                + " LIMIT $3"]
                .Bind(1, after is { } last ? (int)last.Kind : -1).Bind(2, after?.Digest ?? default).Bind(3, max)
                .List(SqlDamage.Read),
            cancellationToken);

    public ValueTask<IReadOnlyList<ListedObject>> ListObjectsAsync(
        ObjectKind kind, Digest after, int max, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<ListedObject>>(
            session => session[SelectOf(kind) + " > $1 ORDER BY 1 LIMIT $2"]
                .Bind(1, after).Bind(2, max).List(row => Read(kind, row)),
            cancellationToken);

    public ValueTask<ListedObject?> FindObjectAsync(ObjectName name, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session => session[SelectOf(name.Kind) + " = $1"].Bind(1, name.Digest)
                .FirstValue(row => Read(name.Kind, row)),
            cancellationToken);

    public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> FindDocumentsAsync(
        Digest digest, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<ReadOnlyMemory<byte>>>(
            session => session[
                """
                SELECT envelope FROM roots WHERE digest = $1
                UNION SELECT envelope FROM pointers WHERE digest = $1 ORDER BY 1
                """].Bind(1, digest).List(row => new ReadOnlyMemory<byte>(row.Bytes(0))),
            cancellationToken);

    public ValueTask<AffectedDevices> CountDevicesAsync(
        Digest manifest, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session => new AffectedDevices(
                session["SELECT count(*) FROM device_reports WHERE running = $1"]
                    .Bind(1, manifest).FirstValue(row => row.Long(0)) ?? 0,
                session[
                    """
                    SELECT count(*) FROM devices d WHERE EXISTS (SELECT 1 FROM pointers t
                      WHERE t.product_id = d.product_id AND t.channel = d.channel AND t.platform IN (d.platform, 'any')
                        AND t.current = $1 AND t.deleted IS NULL)
                    """].Bind(1, manifest).FirstValue(row => row.Long(0)) ?? 0),
            cancellationToken);

    public Task ForgetUnneededAsync(CancellationToken cancellationToken = default) =>
        database.WriteAsync(SqlDamage.RemoveUnneeded, cancellationToken);

    public ValueTask<string?> CheckIntegrityAsync(bool isFull, CancellationToken cancellationToken = default) =>
        database.CheckIntegrityAsync(isFull, cancellationToken);

    private static ListedObject Read(ObjectKind kind, SqlRow row) =>
        new(new ObjectName(kind, row.Digest(0)), row.Long(1), row.Flag(2));

    /// <summary>The objects of a kind, up to the comparison of the digest.</summary>
    private static string SelectOf(ObjectKind kind)
    {
        var (digest, bytes, table) = kind switch
        {
            // Of a pack without chunks nothing is needed.
            ObjectKind.Pack => ("digest", "stored_bytes", "packs o WHERE o.chunks > 0 AND"),
            ObjectKind.Manifest => ("manifest", "manifest_envelope_bytes", "releases o WHERE o.purged IS NULL AND"),
            ObjectKind.Recipe => ("digest", "bytes", "recipes o WHERE"),
            ObjectKind.Delta => ("digest", "bytes", "deltas o WHERE"),
            ObjectKind.Document => ("digest", "bytes", $"({Documents}) o WHERE"),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind."),
        };
        return $"""
            SELECT o.{digest}, o.{bytes},
              (SELECT count(*) FROM damages d WHERE d.kind = {(int)kind} AND d.digest = o.{digest})
            FROM {table} o.{digest}
            """;
    }
}
