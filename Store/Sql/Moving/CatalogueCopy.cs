namespace ChunkOta.Storage.Sql;

/// <summary>Copies the rows of one catalogue as of one moment into another, of any engine, for a backup.</summary>
/// <remarks>
/// Row by row rather than page by page: one format for all engines, and a damaged index is not copied. The source is
/// read in one transaction, so publishes go on meanwhile; the copy is written in one, so it is complete or empty.
/// </remarks>
internal static class CatalogueCopy
{
    /// <summary>Tables that a restored server must not go on with: publishes that nobody finishes, jobs and deltas
    /// whose objects are not copied, objects that are gone, calls that are too old to come again.</summary>
    private static readonly HashSet<string> LeftOut =
        ["publishes", "deltas", "delta_jobs", "trash", "device_calls"];

    /// <summary>Copies, on connections of its own.</summary>
    /// <param name="from">The source.</param>
    /// <param name="to">Its schema is of the same version and holds no rows but those that migrations made.</param>
    /// <exception cref="StoreFailedException">One of the databases fails.</exception>
    internal static Task RunAsync(ISqlDialect from, ISqlDialect to, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using var source = RowCopy.Call(from, () => new SqlSession(from.OpenReader(), from));
            using var target = RowCopy.Call(to, () => new SqlSession(to.OpenWriter(), to));
            return RowCopy.Call(from, () =>
            {
                RowCopy.Begin(source, from.BeginRead);
                return source.Complete(_ => RowCopy.Call(to, () =>
                {
                    RowCopy.Begin(target, to.BeginWrite(WriteScope.Alone));
                    return target.Complete(_ => Copy(source, target, cancellationToken));
                }));
            });
        },
        cancellationToken);

    private static long Copy(SqlSession from, SqlSession to, CancellationToken cancellationToken)
    {
        var tables = RowCopy.ReadTables(from, to);
        RowCopy.Empty(to, tables);
        return tables.Where(table => !LeftOut.Contains(table.Name))
            .Sum(table => RowCopy.Run(from, to, table, progress: null, cancellationToken).Rows);
    }
}
