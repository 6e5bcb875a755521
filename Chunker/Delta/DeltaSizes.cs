namespace ChunkOta.Chunking;

/// <summary>The signed sizes of the files of both releases, by entry number.</summary>
/// <remarks>A delta repeats none of them, so it cannot contradict them.</remarks>
/// <param name="Base">Bytes of each entry of the installed release; negative where an entry is not a file.</param>
/// <param name="Target">Bytes of each entry of the new release; negative where an entry is not a file.</param>
public sealed record DeltaSizes(IReadOnlyList<long> Base, IReadOnlyList<long> Target);
