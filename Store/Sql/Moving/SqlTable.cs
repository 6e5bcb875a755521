using System.Data;

namespace ChunkOta.Storage.Sql;

/// <summary>A table as the database itself describes it, so that a new one cannot be forgotten.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">Its columns, by name.</param>
internal sealed record SqlTable(string Name, IReadOnlyList<SqlColumn> Columns)
{
    /// <summary>The query for all rows.</summary>
    internal string Select => $"SELECT {ColumnNames} FROM \"{Name}\"";

    /// <summary>The statement that adds a row.</summary>
    internal string Insert =>
        $"INSERT INTO \"{Name}\" ({ColumnNames}) VALUES ("
        + string.Join(", ", Enumerable.Range(1, Columns.Count).Select(number => $"${number}")) + ")";

    /// <summary>True for a table whose rows the database numbers.</summary>
    internal bool IsNumbered => Columns.Any(column => column is { Name: "id", Type: DbType.Int64 });

    private string ColumnNames => string.Join(", ", Columns.Select(column => $"\"{column.Name}\""));

    /// <summary>All tables of a database, each after those that its rows refer to.</summary>
    internal static IReadOnlyList<SqlTable> ReadAll(SqlSession session)
    {
        var tables = session[session.Dialect.ListColumns]
            .List(row => (Table: row.Text(0), Column: new SqlColumn(row.Text(1), TypeOf(row.Text(2)))))
            .GroupBy(found => found.Table, found => found.Column)
            .Select(columns => new SqlTable(
                columns.Key, [.. columns.OrderBy(column => column.Name, StringComparer.Ordinal)]))
            .OrderBy(table => table.Name, StringComparer.Ordinal).ToList();
        var references = session[session.Dialect.ListReferences]
            .List(row => (From: row.Text(0), To: row.Text(1))).ToLookup(found => found.From, found => found.To);
        List<SqlTable> ordered = [];
        while (tables.Find(table => references[table.Name].All(to => ordered.Exists(known => known.Name == to)))
            is { } next)
        {
            ordered.Add(next);
            tables.Remove(next);
        }

        return tables.Count == 0
            ? ordered
            : throw new InvalidOperationException($"the tables refer to each other: {tables[0].Name}");
    }

    /// <summary>True for a table of the same name and columns.</summary>
    internal bool IsLike(SqlTable other) => Name == other.Name && Columns.SequenceEqual(other.Columns);

    private static DbType TypeOf(string type) => type switch
    {
        "INTEGER" => DbType.Int64,
        "TEXT" => DbType.String,
        "BLOB" => DbType.Binary,
        _ => throw new InvalidOperationException($"a catalogue has no column of the type {type}"),
    };
}

/// <summary>A column.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its values.</param>
internal readonly record struct SqlColumn(string Name, DbType Type);
