using ChunkOta.Chunking;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>What the server suggests for an upgrade beside chunks; nothing in it is signed or believed.</summary>
/// <param name="From">The release that the deltas build on: the one that the device said it holds.</param>
/// <param name="Deltas">The deltas that may be fetched.</param>
/// <param name="ChunkBytes">About what chunks and recipes would cost in their place, bytes; 0 when not known.</param>
internal sealed record DeltaOffers(Digest From, IReadOnlyList<OfferedDelta> Deltas, long ChunkBytes);

/// <summary>A delta that may be fetched.</summary>
/// <param name="Digest">The BLAKE3 of its bytes.</param>
/// <param name="Bytes">Its length.</param>
internal sealed record OfferedDelta(Digest Digest, long Bytes);

/// <summary>Decides whether an update takes a delta, and which: values in, a value out.</summary>
/// <remarks>
/// A delta is paid for once, whole, and gives all files that it covers; so what is to be compared is what is still to
/// be downloaded of it with what the files that are still missing would cost as chunks.
/// </remarks>
internal static class DeltaSelection
{
    /// <summary>The most deltas of an offer that are looked at.</summary>
    private const int MaxOffers = 4;

    /// <summary>The entries that every delta between two releases gives.</summary>
    /// <param name="from">The release that is held.</param>
    /// <param name="to">The release to make.</param>
    /// <returns>Numbers in <paramref name="to"/>, ascending: of every content that <paramref name="from"/> lacks, the
    /// first entry that has it.</returns>
    public static IReadOnlyList<int> Covered(WantedRelease from, WantedRelease to)
    {
        var same = to.SameIn(from);
        var lacking = new HashSet<Digest>();
        for (var i = 0; i < same.Length; i++)
        {
            if (same[i] < 0 && WantedRelease.ContentOf(to.Entries[i]) is { IsZero: false } content)
                lacking.Add(content);
        }
        foreach (var entry in from.Entries)
            lacking.Remove(WantedRelease.ContentOf(entry));
        var covered = new List<int>();
        for (var i = 0; i < same.Length && lacking.Count > 0; i++)
        {
            if (same[i] < 0 && lacking.Remove(WantedRelease.ContentOf(to.Entries[i])))
                covered.Add(i);
        }
        return covered;
    }

    /// <summary>Chooses the delta to take.</summary>
    /// <param name="offers">What the server suggests.</param>
    /// <param name="coveredBytes">Bytes of all files that a delta gives, as signed: no longer delta is worth
    /// anything.</param>
    /// <param name="missingBytes">Of these, bytes of the files that are not on this disk yet.</param>
    /// <param name="downloaded">How many bytes of a delta an interrupted run has left.</param>
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

    /// <summary>Lets the files that a delta covers come from it, and further files of the same content from those.</summary>
    /// <param name="target">The release to make.</param>
    /// <param name="covered">From <see cref="Covered"/>.</param>
    /// <param name="choices">From <see cref="Planner.Choose"/>; changed.</param>
    public static void Take(WantedRelease target, IReadOnlyList<int> covered, FileChoice[] choices)
    {
        var given = new Dictionary<Digest, int>();
        foreach (var i in covered)
        {
            if (choices[i].Action is not (FileAction.Chunks or FileAction.Staged))
                continue;
            given.Add(WantedRelease.ContentOf(target.Entries[i]), i);
            if (choices[i].Action == FileAction.Chunks)
                choices[i] = new FileChoice(FileAction.Delta, default);
        }
        for (var i = 0; i < choices.Length; i++)
        {
            if (choices[i].Action != FileAction.Chunks)
                continue;
            var entry = target.Entries[i];
            if (given.TryGetValue(WantedRelease.ContentOf(entry), out var first))
            {
                var isExecutable = target.Entries[first].Executable;
                choices[i] = new FileChoice(
                    FileAction.Copy, new LocalFile(LocalFile.InStaging, first, isExecutable));
            }
        }
    }

    /// <summary>Reads what a server suggests, without what cannot be used.</summary>
    /// <param name="header">Not verified.</param>
    /// <param name="held">The release that the device said it holds.</param>
    /// <returns>Null when there is nothing to choose from.</returns>
    public static DeltaOffers? Read(UpdateHeader header, Digest? held)
    {
        if (held is not { } from || header.IsHeld)
            return null;
        var deltas = new List<OfferedDelta>();
        for (var i = 0; i < Math.Min(header.Deltas.Count, MaxOffers); i++)
        {
            var offer = header.Deltas[i];
            if (offer.Bytes is > 0 and <= long.MaxValue
                && Digest.TryFromBytes(offer.Digest.Span, out var digest))
            {
                deltas.Add(new OfferedDelta(digest, (long)offer.Bytes));
            }
        }
        return deltas.Count == 0
            ? null
            : new DeltaOffers(from, deltas, (long)Math.Min(header.ChunkBytes, long.MaxValue));
    }
}
