namespace ChunkOta.Storage;

/// <summary>The rules by which a channel's pointer moves, inside somebody's transaction.</summary>
internal static class SqlitePointers
{
    /// <summary>Stores a pointer: number by number, and only to visible releases of its product and platform.</summary>
    /// <exception cref="CatalogueRefusedException"><c>SEQ_TAKEN</c>, <c>RELEASE_UNKNOWN</c>.</exception>
    internal static void Put(SqliteSession session, long productId, NewPointer pointer)
    {
        var current = GetRelease(session, productId, pointer, pointer.Current);
        if (pointer.Candidate is { } candidate)
            _ = GetRelease(session, productId, pointer, candidate);

        var row = session["SELECT seq, digest FROM pointers WHERE product_id = ?1 AND platform = ?2 AND channel = ?3"]
            .Bind(1, productId).Bind(2, pointer.Platform).Bind(3, pointer.Channel);
        var seq = SqliteNumbers.Of(pointer.Seq, ErrorCodes.PointerInvalid);
        if (row.Step())
        {
            var (lastSeq, lastDigest) = (row.Long(0), row.Digest(1));
            row.Reset();
            // The same document again is the answer that got lost, repeated.
            if (seq == lastSeq && pointer.Digest == lastDigest)
                return;
            if (seq <= lastSeq)
            {
                throw new CatalogueRefusedException(
                    ErrorCodes.SeqTaken,
                    $"The channel {pointer.Channel} is at number {lastSeq} already: read its pointer and sign a later one.");
            }
        }

        _ = session[
            """
            INSERT INTO pointers (product_id, platform, channel, seq, digest, current, candidate, issued, expires, envelope)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (product_id, platform, channel) DO UPDATE SET seq = ?4, digest = ?5, current = ?6, candidate = ?7,
              issued = ?8, expires = ?9, envelope = ?10
            """]
            .Bind(1, productId).Bind(2, pointer.Platform).Bind(3, pointer.Channel).Bind(4, seq)
            .Bind(5, pointer.Digest).Bind(6, pointer.Current).Bind(7, pointer.Candidate).Bind(8, pointer.Issued)
            .Bind(9, pointer.Expires).Bind(10, pointer.Envelope.Span).Run();
        _ = session[
            """
            INSERT INTO channel_releases (product_id, platform, channel, release_id) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO NOTHING
            """]
            .Bind(1, productId).Bind(2, pointer.Platform).Bind(3, pointer.Channel).Bind(4, current).Run();
    }

    /// <summary>The versions that were ever current in a channel.</summary>
    internal static List<string> Versions(SqliteSession session, long productId, string platform, string channel)
    {
        List<string> versions = [];
        var row = session[
            """
            SELECT r.version FROM channel_releases c JOIN releases r ON r.id = c.release_id
            WHERE c.product_id = ?1 AND c.platform = ?2 AND c.channel = ?3
            """]
            .Bind(1, productId).Bind(2, platform).Bind(3, channel);
        while (row.Step())
            versions.Add(row.Text(0));
        return versions;
    }

    private static long GetRelease(
        SqliteSession session, long productId, NewPointer pointer, Chunking.Digest manifest)
    {
        var row = session["SELECT id FROM releases WHERE manifest = ?1 AND product_id = ?2 AND platform = ?3"]
            .Bind(1, manifest).Bind(2, productId).Bind(3, pointer.Platform);
        if (!row.Step())
        {
            throw new CatalogueRefusedException(
                ErrorCodes.ReleaseUnknown,
                $"The pointer names {manifest}, which is no release of {pointer.Product} for {pointer.Platform}: publish it first.");
        }
        var id = row.Long(0);
        row.Reset();
        return id;
    }
}

/// <summary>Numbers of documents, which are unsigned, as SQLite's, which are signed.</summary>
internal static class SqliteNumbers
{
    /// <exception cref="ChunkOtaException">The number is beyond 2^63-1; the code is the caller's.</exception>
    internal static long Of(ulong number, string code) => number <= long.MaxValue
        ? (long)number
        : throw new ChunkOtaException(code, $"The number {number} is too large: 2^63-1 is the last.");
}
