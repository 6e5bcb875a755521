using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>The chunks that came damaged and have not come right since.</summary>
internal sealed class DamagedChunks
{
    private const int MaxTries = 3;

    private readonly Dictionary<Digest, int> _tries = [];

    /// <summary>The number of times that any chunk came damaged.</summary>
    public int Damages { get; private set; }

    /// <summary>True when there is one.</summary>
    public bool IsAny => _tries.Count > 0;

    /// <summary>Tells whether a chunk is one of them.</summary>
    /// <param name="chunk">Its digest.</param>
    public bool Contains(Digest chunk) => _tries.ContainsKey(chunk);

    /// <summary>Notes that a chunk came damaged.</summary>
    /// <param name="chunk">Its digest.</param>
    /// <param name="path">The file that needs it.</param>
    /// <param name="fault">The fault.</param>
    /// <exception cref="ChunkRefusedException">It was the third time.</exception>
    public void Note(Digest chunk, string path, ChunkOtaException fault)
    {
        Damages++;
        var tries = _tries[chunk] = _tries.GetValueOrDefault(chunk) + 1;
        if (tries == MaxTries)
            throw new ChunkRefusedException(chunk, path, tries, fault);
    }

    /// <summary>Forgets a chunk that came right.</summary>
    /// <param name="chunk">Its digest.</param>
    public void Remove(Digest chunk) => _tries.Remove(chunk);
}
