namespace ChunkOta.Storage.Sql;

/// <summary>The lease of a collection and the generations that it counts by, in one transaction.</summary>
internal static class SqlLeaseCheck
{
    /// <summary>Begins a collection; null while another one holds the lease.</summary>
    internal static CollectionLease? Begin(SqlSession session, DateTimeOffset now)
    {
        var epoch = session[
            """
            UPDATE collection SET epoch = epoch + 1, leased_until = $2, began = $1, ended = NULL, error = '',
              releases = 0, recipes = 0, chunks = 0, compacted = 0, objects = 0, bytes = 0
            WHERE leased_until <= $1 RETURNING epoch
            """]
            .Bind(1, now).Bind(2, now + ICollectionCatalogue.Lease).FirstValue(row => row.Long(0));
        if (epoch is not { } number) return null;
        // Deletions that an earlier one left are over with its lease.
        _ = session["UPDATE trash SET is_going = 0 WHERE is_going <> 0"].Run();
        return new CollectionLease(number);
    }

    /// <summary>Makes a change of a collection that holds its lease, and renews the lease.</summary>
    /// <exception cref="CollectionLostException">Another collection has begun.</exception>
    internal static Task<T> ChangeAsync<T>(
        SqlDatabase database, TimeProvider clock, CollectionLease lease, Func<SqlSession, DateTimeOffset, T> change,
        CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                var now = clock.GetUtcNow();
                Renew(session, lease, now);
                return change(session, now);
            },
            cancellationToken);

    private static void Renew(SqlSession session, CollectionLease lease, DateTimeOffset now)
    {
        if (session["UPDATE collection SET leased_until = $2 WHERE epoch = $1"]
            .Bind(1, lease.Epoch).Bind(2, now + ICollectionCatalogue.Lease).Run() == 0)
            throw new CollectionLostException();
    }

    /// <summary>The first generation in which nothing may be removed: a publish that lives began in it, or it has not
    /// ended.</summary>
    internal static long FirstKept(SqlSession session, DateTimeOffset now) =>
        session[
            """
            SELECT min(g.generation) FROM (
              SELECT generation FROM publishes WHERE expires > $1 UNION ALL SELECT generation FROM collection) AS g
            """]
            .Bind(1, now).FirstValue(row => row.Long(0)) ?? 0;

    internal static long ReadCommits(SqlSession session) =>
        session["SELECT commits FROM collection"].FirstValue(row => row.Long(0)) ?? 0;
}
