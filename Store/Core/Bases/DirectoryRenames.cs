namespace ChunkOta.Storage;

/// <summary>Finds renamed directories by the files in them that moved unchanged. Pure.</summary>
internal sealed class DirectoryRenames
{
    private readonly Dictionary<string, string> _oldOf;

    private DirectoryRenames(Dictionary<string, string> oldOf) => _oldOf = oldOf;

    /// <summary>Lets every file that moved unchanged vote for the renaming that explains it.</summary>
    public static DirectoryRenames Find(ReleaseListing from, ReleaseListing to)
    {
        var gone = new Dictionary<Chunking.Digest, List<ReleaseFile>>();
        foreach (var file in from.Files.Where(file => to.Find(file.Path) is null))
        {
            if (!gone.TryGetValue(file.Digest, out var files)) gone.Add(file.Digest, files = []);
            files.Add(file);
        }

        var votes = new Dictionary<(string New, string Old), int>();
        foreach (var file in to.Files.Where(file => from.Find(file.Path) is null))
        {
            if (!gone.TryGetValue(file.Digest, out var files)) continue;
            var old = files.MaxBy(candidate => CommonTail(candidate.Path, file.Path))!;
            var tail = CommonTail(old.Path, file.Path);
            if (tail == 0) continue;
            var vote = (file.Path[..^tail], old.Path[..^tail]);
            votes[vote] = votes.GetValueOrDefault(vote) + 1;
        }

        var winners = votes.GroupBy(vote => vote.Key.New, StringComparer.Ordinal)
            .Select(group => group.MinBy(vote => (-vote.Value, vote.Key.Old))!.Key);
        return new DirectoryRenames(winners.ToDictionary(pair => pair.New, pair => pair.Old, StringComparer.Ordinal));
    }

    /// <summary>Finds the old path of a new one; the deepest renamed directory decides.</summary>
    /// <returns>Null when none of its directories was.</returns>
    public string? FindOld(string path)
    {
        for (var end = path.LastIndexOf('/'); end > 0; end = path.LastIndexOf('/', end - 1))
        {
            if (_oldOf.TryGetValue(path[..end], out var old)) return old + path[end..];
        }

        return null;
    }

    /// <summary>The length of the whole components that two paths end in alike, with the slash before them.</summary>
    internal static int CommonTail(string one, string other)
    {
        var (same, whole) = (0, 0);
        while (same < one.Length && same < other.Length && one[^(same + 1)] == other[^(same + 1)])
        {
            same++;
            if (one[^same] == '/') whole = same;
        }

        return whole;
    }
}
