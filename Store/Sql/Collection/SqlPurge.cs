using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Gives up the content of a deleted release, in one transaction of a collection.</summary>
internal static class SqlPurge
{
    /// <summary>The longest time that a purge waits for the deltas from the release, which no server may be
    /// building.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>The deltas to the release, and those from it unless devices run it.</summary>
    private const string Deltas =
        """
        WHERE to_id = $1 OR (from_id = $1 AND NOT EXISTS (
          SELECT 1 FROM device_reports d JOIN releases r ON r.manifest = d.running
          WHERE r.id = $1 AND d.received >= $2))
        """;

    /// <returns>False when it is not due.</returns>
    internal static bool Run(
        SqlSession session, Digest manifest, DateTimeOffset deletedUntil, DateTimeOffset devicesSince,
        DateTimeOffset now)
    {
        var purged = session[
            """
            UPDATE releases SET purged = $3 WHERE manifest = $1 AND purged IS NULL AND deleted <= $2
              AND (deleted <= $5 OR NOT EXISTS (
                SELECT 1 FROM delta_jobs j
                WHERE j.from_id = releases.id AND (j.attempts < $4 OR j.leased_until > $3)))
            RETURNING id, manifest_envelope_bytes
            """]
            .Bind(1, manifest).Bind(2, deletedUntil).Bind(3, now).Bind(4, IDeltaJobs.MaxAttempts)
            .Bind(5, deletedUntil - LongestWait)
            .FirstValue(row => (Number: row.Long(0), Bytes: row.Long(1)));
        if (purged is not { } release) return false;

        var deltas = session[$"SELECT digest, bytes FROM deltas {Deltas}"]
            .Bind(1, release.Number).Bind(2, devicesSince)
            .List(row => (Digest: row.DigestOrNull(0), Bytes: row.Long(1)));
        _ = session[$"DELETE FROM deltas {Deltas}"].Bind(1, release.Number).Bind(2, devicesSince).Run();
        _ = session["DELETE FROM delta_jobs WHERE from_id = $1 OR to_id = $1"].Bind(1, release.Number).Run();
        foreach (var delta in deltas)
        {
            if (delta.Digest is { } digest)
                SqlGarbage.Trash(session, new TrashedObject(ObjectName.Delta(digest), delta.Bytes), now, due: now);
        }

        SqlGarbage.Trash(session, new TrashedObject(ObjectName.Manifest(manifest), release.Bytes), now, due: now);
        return true;
    }
}
