using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>The deltas that a server offers for an upgrade; nothing in it is signed or trusted.</summary>
/// <param name="From">The release that the deltas build on: the one that the device said it holds.</param>
/// <param name="Deltas">The deltas that may be fetched.</param>
/// <param name="ChunkBytes">About what chunks and recipes would cost instead, bytes; 0 when not known.</param>
internal sealed record DeltaOffers(Digest From, IReadOnlyList<OfferedDelta> Deltas, long ChunkBytes);

/// <summary>A delta that may be fetched.</summary>
/// <param name="Digest">The BLAKE3 of its bytes.</param>
/// <param name="Bytes">Its length.</param>
internal sealed record OfferedDelta(Digest Digest, long Bytes);

/// <summary>A delta that an update uses.</summary>
/// <param name="Delta">The delta.</param>
/// <param name="From">The release it builds on.</param>
/// <param name="DownloadedBytes">How much of it is on this disk already.</param>
internal sealed record ChosenDelta(OfferedDelta Delta, Digest From, long DownloadedBytes)
{
    /// <summary>The bytes that are still to be downloaded.</summary>
    public long FetchBytes => Delta.Bytes - DownloadedBytes;
}

/// <summary>Decides whether an update uses a delta, and which: values in, a value out.</summary>
/// <remarks>
/// A delta is paid for once, whole, and gives all files that it covers. So two costs are compared: the bytes of the
/// delta still to be downloaded, and the chunks of the files that are still missing.
/// </remarks>
internal static class DeltaSelection
{
    /// <summary>Lists the entries that every delta between two releases gives.</summary>
    /// <param name="from">The release that is held.</param>
    /// <param name="to">The release to install.</param>
    /// <returns>Indexes in <paramref name="to"/>, ascending: of every content that <paramref name="from"/> lacks,
    /// the first entry that has it.</returns>
    public static IReadOnlyList<int> Covered(ReleaseContents from, ReleaseContents to)
    {
        var same = to.SameIn(from);
        var lacking = new HashSet<Digest>();
        for (var i = 0; i < same.Length; i++)
        {
            if (same[i] < 0 && ReleaseContents.ContentOf(to.Entries[i]) is { IsZero: false } content)
                lacking.Add(content);
        }
        foreach (var entry in from.Entries)
            lacking.Remove(ReleaseContents.ContentOf(entry));
        var covered = new List<int>();
        for (var i = 0; i < same.Length && lacking.Count > 0; i++)
        {
            if (same[i] < 0 && lacking.Remove(ReleaseContents.ContentOf(to.Entries[i])))
                covered.Add(i);
        }
        return covered;
    }

    /// <summary>Chooses the delta that costs least.</summary>
    /// <param name="offers">The deltas that the server offers.</param>
    /// <param name="coveredBytes">The signed sizes of all files that a delta gives:
    /// a delta that is longer is worth nothing.</param>
    /// <param name="missingBytes">Of these, bytes of the files that are not on this disk yet.</param>
    /// <param name="downloaded">Tells how many bytes of a delta an interrupted run has left.</param>
    /// <returns>The delta; null when chunks cost less.</returns>
    public static OfferedDelta? Choose(
        DeltaOffers offers, long coveredBytes, long missingBytes, Func<OfferedDelta, long> downloaded)
    {
        var chunks = missingBytes;
        if (offers.ChunkBytes > 0 && coveredBytes > 0)
            chunks = (long)Math.Ceiling(offers.ChunkBytes * ((double)missingBytes / coveredBytes));
        OfferedDelta? chosen = null;
        var least = chunks;
        foreach (var delta in offers.Deltas)
        {
            var left = delta.Bytes - downloaded(delta);
            if (delta.Bytes > coveredBytes || left >= least)
                continue;
            (chosen, least) = (delta, left);
        }
        return chosen;
    }

    /// <summary>Lets the files that a delta covers come from it, and files of the same content from those.</summary>
    /// <param name="release">The release to install.</param>
    /// <param name="covered">From <see cref="Covered"/>.</param>
    /// <param name="choices">From <see cref="Planner.Choose"/>; changed.</param>
    public static void Apply(ReleaseContents release, IReadOnlyList<int> covered, FileChoice[] choices)
    {
        var given = new Dictionary<Digest, int>();
        foreach (var i in covered)
        {
            if (choices[i].Action is not (FileAction.Chunks or FileAction.Staged))
                continue;
            given.Add(ReleaseContents.ContentOf(release.Entries[i]), i);
            if (choices[i].Action == FileAction.Chunks)
                choices[i] = new FileChoice(FileAction.Delta, default);
        }
        for (var i = 0; i < choices.Length; i++)
        {
            if (choices[i].Action != FileAction.Chunks)
                continue;
            var entry = release.Entries[i];
            if (given.TryGetValue(ReleaseContents.ContentOf(entry), out var first))
            {
                var isExecutable = release.Entries[first].Executable;
                choices[i] = new FileChoice(
                    FileAction.Copy, new LocalFile(LocalFile.InStaging, first, isExecutable));
            }
        }
    }
}
