namespace ChunkOta.Storage;

/// <summary>One read whose frames are sent together: one regrouped frame, or whole frames that are adjacent in a
/// pack.</summary>
/// <param name="Steps">In the order to send.</param>
internal sealed record FetchRead(IReadOnlyList<FetchStep> Steps);

/// <summary>Joins reads of adjacent frames, so that the object store gets fewer requests.</summary>
internal static class FetchReads
{
    /// <summary>The most stored bytes of one read, unless a single frame has more.</summary>
    public const int MaxReadBytes = 512 * 1024;

    /// <summary>Groups the steps without changing their order. Pure.</summary>
    public static IEnumerable<FetchRead> Group(IReadOnlyList<FetchStep> steps)
    {
        var joined = new List<FetchStep>();
        var storedBytes = 0;
        foreach (var step in steps)
        {
            if (joined.Count != 0 && !Follows(joined[^1], step, storedBytes))
            {
                yield return new FetchRead(joined);
                (joined, storedBytes) = ([], 0);
            }

            joined.Add(step);
            storedBytes += step is WholeFrame whole ? whole.Frame.StoredBytes : 0;
        }

        if (joined.Count != 0) yield return new FetchRead(joined);
    }

    private static bool Follows(FetchStep previous, FetchStep step, int storedBytes) =>
        previous is WholeFrame { Frame: var before }
        && step is WholeFrame { Frame: var after }
        && before.Pack == after.Pack
        && before.Offset + before.StoredBytes == after.Offset
        && storedBytes + after.StoredBytes <= MaxReadBytes;
}
