namespace ChunkOta.Storage.Sql;

/// <summary>The passes over all objects, in SQL.</summary>
internal sealed class SqlScrubPasses(SqlDatabase database, TimeProvider clock) : IScrubPasses
{
    private const string Columns =
        """
        SELECT depth, requested, started, kind, after, objects, bytes, damaged, finished, finished_objects,
          finished_bytes, finished_damaged, finished_catalogue
        FROM scrubs WHERE depth = $1
        """;

    private const string Position =
        """
        UPDATE scrubs SET kind = $3, after = $4, objects = $5, bytes = $6, damaged = $7, leased_until = $8
        WHERE depth = $1 AND holder = $2
        """;

    public ValueTask<ScrubPass> ReadAsync(ScrubDepth depth, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => Get(session, depth), cancellationToken);

    public Task RequestAsync(ScrubDepth depth, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => _ = session["UPDATE scrubs SET requested = $2 WHERE depth = $1"]
                .Bind(1, (int)depth).Bind(2, clock.GetUtcNow()).Run(),
            cancellationToken);

    public Task<ScrubPass?> ClaimAsync(
        ScrubDepth depth, Guid holder, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                var now = clock.GetUtcNow();
                var isClaimed = session[
                    """
                    UPDATE scrubs SET holder = $2, leased_until = $3
                    WHERE depth = $1 AND (holder IS NULL OR leased_until <= $4)
                    """]
                    .Bind(1, (int)depth).Bind(2, holder).Bind(3, now + IScrubPasses.Lease).Bind(4, now).Run() > 0;
                if (!isClaimed) return null;
                _ = session[
                    """
                    UPDATE scrubs SET started = $2, requested = NULL, kind = 0, after = NULL, objects = 0, bytes = 0,
                      damaged = 0
                    WHERE depth = $1 AND started IS NULL
                    """].Bind(1, (int)depth).Bind(2, now).Run();
                return Get(session, depth);
            },
            cancellationToken);

    public Task<bool> SaveAsync(ScrubPass pass, Guid holder, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => Save(session, pass, holder, clock.GetUtcNow() + IScrubPasses.Lease), cancellationToken);

    public Task ReleaseAsync(ScrubPass pass, Guid holder, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                if (Save(session, pass, holder, clock.GetUtcNow())) End(session, pass.Depth);
            },
            cancellationToken);

    public Task<bool> FinishAsync(
        ScrubPass pass, Guid holder, string catalogue, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                var now = clock.GetUtcNow();
                if (!Save(session, pass, holder, now)) return false;
                _ = session[
                    """
                    UPDATE scrubs SET started = NULL, finished = $2, finished_objects = objects, finished_bytes = bytes,
                      finished_damaged = damaged, finished_catalogue = $3
                    WHERE depth = $1
                    """].Bind(1, (int)pass.Depth).Bind(2, now).Bind(3, catalogue).Run();
                End(session, pass.Depth);
                return true;
            },
            cancellationToken);

    private static bool Save(SqlSession session, ScrubPass pass, Guid holder, DateTimeOffset until) =>
        session[Position]
            .Bind(1, (int)pass.Depth).Bind(2, holder).Bind(3, (int)pass.Kind).Bind(4, pass.After)
            .Bind(5, pass.Objects).Bind(6, pass.Bytes).Bind(7, pass.Damaged).Bind(8, until).Run() > 0;

    private static void End(SqlSession session, ScrubDepth depth) =>
        _ = session["UPDATE scrubs SET holder = NULL WHERE depth = $1"].Bind(1, (int)depth).Run();

    private static ScrubPass Get(SqlSession session, ScrubDepth depth) =>
        session[Columns].Bind(1, (int)depth).First(Read)
        ?? throw new InvalidOperationException($"the pass of depth {depth} has no row");

    private static ScrubPass Read(SqlRow row) => new()
    {
        Depth = (ScrubDepth)row.Int(0),
        Requested = row.TimeOrNull(1),
        Started = row.TimeOrNull(2),
        Kind = (ObjectKind)row.Int(3),
        After = row.DigestOrNull(4) ?? default,
        Objects = row.Long(5),
        Bytes = row.Long(6),
        Damaged = row.Long(7),
        Finished = row.TimeOrNull(8) is { } finished
            ? new FinishedPass(finished, row.Long(9), row.Long(10), row.Long(11), row.Text(12))
            : null,
    };
}
