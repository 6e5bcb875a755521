using System.Collections;

namespace ChunkOta.Agent;

/// <summary>The steps of a plan as numbers, each made when it is asked for:
/// a first install has one for every entry.</summary>
/// <param name="release">The release to install.</param>
/// <param name="choices">How each entry is made; kept, not copied.</param>
internal sealed class PlanSteps(ReleaseContents release, FileChoice[] choices) : IReadOnlyList<FileStep>
{
    private readonly int[] _entries = new int[choices.Length];
    private readonly long[] _fetchBytes = new long[choices.Length];

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public FileStep this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var entry = release.Entries[_entries[index]];
            return new FileStep(entry.Path, choices[_entries[index]].Action, (long)entry.Size, _fetchBytes[index]);
        }
    }

    /// <summary>Adds the step of an entry, in the order of paths.</summary>
    /// <param name="entry">The index of the entry.</param>
    /// <param name="fetchBytes">Plain bytes of chunks that are fetched for it.</param>
    public void Add(int entry, long fetchBytes)
    {
        _entries[Count] = entry;
        _fetchBytes[Count++] = fetchBytes;
    }

    /// <inheritdoc/>
    public IEnumerator<FileStep> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
