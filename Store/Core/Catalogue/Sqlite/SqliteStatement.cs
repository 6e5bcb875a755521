using ChunkOta.Chunking;
using SQLitePCL;

namespace ChunkOta.Storage;

/// <summary>A prepared statement that is used again and again without allocating: parameters and columns by
/// place.</summary>
/// <remarks>Parameters count from 1 and columns from 0, as SQLite does. Belongs to one session, so to one thread at a
/// time.</remarks>
internal sealed class SqliteStatement(SqliteSession session, sqlite3_stmt statement) : IDisposable
{
    private bool _isActive;

    internal SqliteStatement Bind(int place, long value)
    {
        Begin();
        session.Check(raw.sqlite3_bind_int64(statement, place, value));
        return this;
    }

    internal SqliteStatement Bind(int place, string? value)
    {
        Begin();
        session.Check(value is null
            ? raw.sqlite3_bind_null(statement, place)
            : raw.sqlite3_bind_text(statement, place, value));
        return this;
    }

    internal SqliteStatement Bind(int place, ReadOnlySpan<byte> value)
    {
        Begin();
        // A blob of no bytes has no address, which SQLite would take for null.
        session.Check(value.IsEmpty
            ? raw.sqlite3_bind_zeroblob(statement, place, 0)
            : raw.sqlite3_bind_blob(statement, place, value));
        return this;
    }

    internal SqliteStatement Bind(int place, Digest value)
    {
        Span<byte> bytes = stackalloc byte[Chunking.Digest.Size];
        value.CopyTo(bytes);
        return Bind(place, bytes);
    }

    internal SqliteStatement Bind(int place, Digest? value) =>
        value is { } digest ? Bind(place, digest) : BindNull(place);

    internal SqliteStatement Bind(int place, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = value.TryWriteBytes(bytes);
        return Bind(place, bytes);
    }

    internal SqliteStatement Bind(int place, DateTimeOffset value) => Bind(place, value.ToUnixTimeSeconds());

    internal SqliteStatement Bind(int place, DateTimeOffset? value) =>
        value is { } time ? Bind(place, time) : BindNull(place);

    /// <summary>Goes to the next row; false after the last.</summary>
    internal bool Step()
    {
        Begin();
        var result = raw.sqlite3_step(statement);
        if (result == raw.SQLITE_ROW)
            return true;
        Reset();
        if (result != raw.SQLITE_DONE)
            session.Check(result);
        return false;
    }

    /// <summary>Runs a statement that answers no rows.</summary>
    /// <returns>The number of rows it changed.</returns>
    internal int Run()
    {
        _ = Step();
        return session.Changes;
    }

    internal bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    internal long Long(int column) => raw.sqlite3_column_int64(statement, column);

    internal int Int(int column) => checked((int)Long(column));

    internal bool Flag(int column) => Long(column) != 0;

    internal string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

    internal string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    internal byte[] Bytes(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    internal Digest Digest(int column) => Chunking.Digest.FromBytes(raw.sqlite3_column_blob(statement, column));

    internal Digest? DigestOrNull(int column) => IsNull(column) ? null : Digest(column);

    internal Guid Guid(int column) => new(raw.sqlite3_column_blob(statement, column));

    internal DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeSeconds(Long(column));

    internal DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : Time(column);

    /// <summary>Lets go of the rows and parameters; a statement that is not reset keeps its snapshot open.</summary>
    internal void Reset()
    {
        if (!_isActive)
            return;
        _isActive = false;
        // The result repeats the last step's error, which was thrown there.
        _ = raw.sqlite3_reset(statement);
        _ = raw.sqlite3_clear_bindings(statement);
    }

    public void Dispose() => statement.Dispose();

    private SqliteStatement BindNull(int place)
    {
        Begin();
        session.Check(raw.sqlite3_bind_null(statement, place));
        return this;
    }

    private void Begin()
    {
        if (_isActive)
            return;
        _isActive = true;
        session.Began(this);
    }
}
