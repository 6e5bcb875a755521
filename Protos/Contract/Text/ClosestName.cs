namespace ChunkOta.Protos;

/// <summary>Finds what a mistyped name was meant to be.</summary>
public static class ClosestName
{
    private const int MaxLength = 64;

    /// <summary>The known name with the fewest differing characters; null when none is close.</summary>
    /// <param name="name">What was typed.</param>
    /// <param name="known">The names that exist.</param>
    public static string? Find(string name, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(known);
        var closest = known.Where(candidate => Math.Max(name.Length, candidate.Length) <= MaxLength)
            .Select(candidate => (Name: candidate, Edits: CountEdits(name, candidate)))
            .OrderBy(candidate => candidate.Edits)
            .FirstOrDefault();
        return closest.Name is { } found && closest.Edits <= Math.Max(1, Math.Min(name.Length, found.Length) / 3)
            ? found
            : null;
    }

    /// <summary>The insertions, deletions, substitutions and swaps of neighbours that turn one text into
    /// another.</summary>
    private static int CountEdits(string from, string to)
    {
        var rows = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var differs = from[i - 1] == to[j - 1] ? 0 : 1;
                rows[i, j] = Math.Min(
                    Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1, rows[i - 1, j - 1] + differs);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[from.Length, to.Length];
    }
}
