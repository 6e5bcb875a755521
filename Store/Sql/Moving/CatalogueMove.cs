using System.Data.Common;

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
    private const int RowsAtOnce = 5000;

    /// <summary>Tells whether a database has a catalogue, and changes nothing.</summary>
    /// <exception cref="StoreUnavailableException">It does not answer, or is another program's.</exception>
    public static bool HasCatalogue(ISqlDialect database)
    {
        ArgumentNullException.ThrowIfNull(database);
        return Call(database, () =>
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
        using var from = Call(source, () => new SqlSession(source.OpenWriter(), source));
        _ = Call(source, () => Begin(from, source.BeginRead));
        return Call(source, () => from.Complete(_ => Call(destination, () =>
        {
            using var to = new SqlSession(destination.OpenWriter(), destination);
            Begin(to, destination.BeginWrite(WriteScope.Alone));
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
        Unhurry(to);
        var tables = SqlTable.ReadAll(to);
        CheckTables(from, tables);
        // A new catalogue has some rows of its own.
        foreach (var table in tables.Reverse()) _ = to[$"DELETE FROM \"{table.Name}\""].Run();
        List<TableFigures> copied = [];
        foreach (var table in tables)
        {
            var insert = to[table.Insert];
            var read = Read(from, table, progress, cancellationToken, rows => insert.RunEach(rows, (statement, row) =>
            {
                for (var i = 0; i < row.Length; i++) statement.BindValue(i + 1, table.Columns[i].Type, row[i]);
            }));
            if (table.IsNumbered && destination.ResumeNumbers(table.Name) is { Length: > 0 } resume)
                _ = to[resume].Any();
            copied.Add(read);
        }

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
            var tables = SqlTable.ReadAll(to);
            CheckTables(from, tables);
            var figures = tables.Select(table => Read(from, table, progress, cancellationToken)).ToList();
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
        return expected.Where(figures => figures != Read(to, tables[figures.Table], null, cancellationToken))
            .Select(figures => figures.Table).FirstOrDefault();
    }

    private void CheckTables(SqlSession from, IReadOnlyList<SqlTable> tables)
    {
        var known = Call(source, () => SqlTable.ReadAll(from)).ToDictionary(table => table.Name);
        var other = tables.FirstOrDefault(table => !known.TryGetValue(table.Name, out var like) || !table.IsLike(like));
        if (other is not null || known.Count != tables.Count)
            throw new StoreUnavailableException(
                $"the catalogue {source.Database} has other tables than this program knows: start a server of this "
                + "version on it once");
    }

    private static TableFigures Read(
        SqlSession session, SqlTable table, IProgress<TableFigures>? progress, CancellationToken cancellationToken,
        Action<object?[][]>? use = null)
    {
        var sum = new RowSum();
        using var batches = session[table.Select].Rows().Chunk(RowsAtOnce).GetEnumerator();
        while (Call(session.Dialect, batches.MoveNext))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var row in batches.Current) sum.Add(row);
            use?.Invoke(batches.Current);
            progress?.Report(sum.ToFigures(table.Name));
        }

        return sum.ToFigures(table.Name);
    }

    private static bool Begin(SqlSession session, string begin)
    {
        session.Begin(begin);
        Unhurry(session);
        return true;
    }

    private static void Unhurry(SqlSession session)
    {
        if (session.Dialect.Unhurried.Length > 0) session.RunScript(session.Dialect.Unhurried);
    }

    /// <summary>Tells a failure of one database from one of the other.</summary>
    private static T Call<T>(ISqlDialect database, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (DbException e)
        {
            throw database.ToCallFailure(e);
        }
    }
}
