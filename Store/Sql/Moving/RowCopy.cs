using System.Data.Common;

namespace ChunkOta.Storage.Sql;

/// <summary>Copies the rows of tables from one database into another, of any engine.</summary>
internal static class RowCopy
{
    private const int RowsAtOnce = 5000;

    /// <summary>Begins a transaction that may take hours.</summary>
    internal static void Begin(SqlSession session, string begin)
    {
        session.Begin(begin);
        LiftTimeLimits(session);
    }

    /// <summary>Lifts the time limits of the transaction that has begun.</summary>
    internal static void LiftTimeLimits(SqlSession session)
    {
        if (session.Dialect.Unhurried.Length > 0) session.RunScript(session.Dialect.Unhurried);
    }

    /// <summary>The tables that both databases have.</summary>
    /// <returns>Each after those that its rows refer to.</returns>
    /// <exception cref="StoreUnavailableException">They have other tables: a server of a newer version may have
    /// migrated the source.</exception>
    internal static IReadOnlyList<SqlTable> ReadTables(SqlSession from, SqlSession to)
    {
        var tables = SqlTable.ReadAll(to);
        var known = Call(from.Dialect, () => SqlTable.ReadAll(from)).ToDictionary(table => table.Name);
        var other = tables.FirstOrDefault(table => !known.TryGetValue(table.Name, out var like) || !table.IsLike(like));
        return other is null && known.Count == tables.Count
            ? tables
            : throw new StoreUnavailableException(
                $"the catalogue {from.Dialect.Database} has other tables than this program knows: start a server of "
                + "this version on it once, or use the version that migrated it");
    }

    /// <summary>Removes the rows that migrations made.</summary>
    /// <param name="to">The new catalogue.</param>
    /// <param name="tables">Its tables, each after those that its rows refer to.</param>
    internal static void Empty(SqlSession to, IReadOnlyList<SqlTable> tables)
    {
        foreach (var table in tables.Reverse()) _ = to[$"DELETE FROM \"{table.Name}\""].Run();
    }

    /// <summary>Copies all rows of a table.</summary>
    /// <param name="from">Has the rows.</param>
    /// <param name="to">Gets them, in an empty table.</param>
    /// <param name="table">The table, the same in both.</param>
    /// <param name="progress">Hears of the rows as they are read; null for none.</param>
    internal static TableFigures Run(
        SqlSession from, SqlSession to, SqlTable table, IProgress<TableFigures>? progress,
        CancellationToken cancellationToken)
    {
        var insert = to[table.Insert];
        var read = Read(from, table, progress, cancellationToken, rows => insert.RunEach(rows, (statement, row) =>
        {
            for (var i = 0; i < row.Length; i++) statement.BindValue(i + 1, table.Columns[i].Type, row[i]);
        }));
        if (table.IsNumbered && to.Dialect.ResumeNumbers(table.Name) is { Length: > 0 } resume)
            _ = to[resume].Any();
        return read;
    }

    /// <summary>Reads all rows of a table.</summary>
    /// <param name="session">The database.</param>
    /// <param name="table">The table.</param>
    /// <param name="progress">Hears of the rows as they are read; null for none.</param>
    /// <param name="use">Gets the rows, some at once; null to only count and sum them.</param>
    internal static TableFigures Read(
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

    /// <summary>Tells a failure of one database from one of the other.</summary>
    internal static T Call<T>(ISqlDialect database, Func<T> call)
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
