namespace ChunkOta.Storage.Sql;

/// <summary>Copies a catalogue from one database into another, empty one.</summary>
/// <remarks>
/// One snapshot is read, and one transaction writes it: tables, rows, and the verification of what was written. A copy
/// that is killed has left an empty database. The caller keeps servers away from both.
/// </remarks>
/// <param name="source">Has a catalogue of the newest schema.</param>
/// <param name="destination">Is empty, or has the same catalogue.</param>
public sealed class CatalogueMove(ISqlDialect source, ISqlDialect destination)
{
    /// <summary>Tells whether a database has a catalogue, and changes nothing.</summary>
    /// <exception cref="StoreUnavailableException">It does not answer, or is another program's.</exception>
    public static bool HasCatalogue(ISqlDialect database)
    {
        ArgumentNullException.ThrowIfNull(database);
        return RowCopy.Call(database, () =>
        {
            using var session = new SqlSession(database.OpenReader(), database);
            return SqlMigrations.ReadVersion(session) > 0;
        });
    }

    /// <summary>Copies the catalogue, unless the destination has it already: then both are compared.</summary>
    /// <param name="progress">Hears of a table as its rows are read.</param>
    /// <param name="confirm">Called before the copy becomes visible: it throws if that must not happen.</param>
    /// <returns>The tables, the same in both databases.</returns>
    /// <exception cref="ChunkOtaException">IN_USE: the destination has another catalogue.</exception>
    /// <exception cref="StoreFailedException">One of them fails; the destination is as before.</exception>
    public IReadOnlyList<TableFigures> Run(
        IProgress<TableFigures> progress, Action confirm, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(progress);
        ArgumentNullException.ThrowIfNull(confirm);
        // It only reads, but the end of a connection that writes tidies up the files of SQLite.
        using var from = RowCopy.Call(source, () => new SqlSession(source.OpenWriter(), source));
        _ = RowCopy.Call(source, () =>
        {
            RowCopy.Begin(from, source.BeginRead);
            return true;
        });
        return RowCopy.Call(source, () => from.Complete(_ => RowCopy.Call(destination, () =>
        {
            using var to = new SqlSession(destination.OpenWriter(), destination);
            RowCopy.Begin(to, destination.BeginWrite(WriteScope.Alone));
            return to.Complete(_ =>
            {
                var figures = SqlMigrations.ReadVersion(to) == 0
                    ? Copy(from, to, progress, cancellationToken)
                    : Compare(from, to, progress, cancellationToken);
                confirm();
                return figures;
            });
        })));
    }

    private List<TableFigures> Copy(
        SqlSession from, SqlSession to, IProgress<TableFigures> progress, CancellationToken cancellationToken)
    {
        SqlMigrations.ApplyAll(to);
        RowCopy.LiftTimeLimits(to);
        var tables = RowCopy.ReadTables(from, to);
        RowCopy.Empty(to, tables);
        var copied = tables.Select(table => RowCopy.Run(from, to, table, progress, cancellationToken)).ToList();
        if (Differing(copied, to, cancellationToken) is { } wrong)
            throw new StoreUnavailableException(
                $"{destination.Database} has other rows in {wrong} than were written: check its disk");
        return copied;
    }

    private List<TableFigures> Compare(
        SqlSession from, SqlSession to, IProgress<TableFigures> progress, CancellationToken cancellationToken)
    {
        if (SqlMigrations.ReadVersion(to) == SqlMigrations.Newest)
        {
            var tables = RowCopy.ReadTables(from, to);
            var figures = tables.Select(table => RowCopy.Read(from, table, progress, cancellationToken)).ToList();
            if (Differing(figures, to, cancellationToken) is null) return figures;
        }

        throw new ChunkOtaException(
            ErrorCodes.InUse,
            $"the new place has another catalogue: {destination.Database}: choose an empty one, or remove what is "
            + "there if nobody needs it");
    }

    /// <summary>The first table of which the destination has other rows; null if there is none.</summary>
    private static string? Differing(
        List<TableFigures> expected, SqlSession to, CancellationToken cancellationToken)
    {
        var tables = SqlTable.ReadAll(to).ToDictionary(table => table.Name);
        return expected.Where(figures => figures != RowCopy.Read(to, tables[figures.Table], null, cancellationToken))
            .Select(figures => figures.Table).FirstOrDefault();
    }
}
