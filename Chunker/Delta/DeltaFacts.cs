namespace ChunkOta.Chunking;

/// <summary>How much work a delta was worth; the format is the same.</summary>
public enum DeltaQuality
{
    /// <summary>Made within seconds, on first request.</summary>
    Quick = 1,

    /// <summary>As small as can be, made in the background.</summary>
    Best = 2,
}

/// <summary>How a delta gives a file.</summary>
public enum DeltaCoding
{
    /// <summary>Steps whose coding goes on from file to file.</summary>
    Steps = 0,

    /// <summary>One zstd frame with the base as its prefix.</summary>
    PrefixFrame = 1,

    /// <summary>Steps whose coding looks at the base: addresses in programs that moved with their targets cost little.</summary>
    Program = 2,
}

/// <summary>The sizes that are signed: of the files of both releases, by entry number.</summary>
/// <remarks>A delta repeats none of them, so none can be wrong.</remarks>
/// <param name="Base">Bytes of each entry of the release that is held; negative where an entry is not a file.</param>
/// <param name="Target">Bytes of each entry of the release to make; negative where an entry is not a file.</param>
public sealed record DeltaSizes(IReadOnlyList<long> Base, IReadOnlyList<long> Target);

/// <summary>One file that a delta gives.</summary>
/// <param name="Entry">The file's entry number in the release to make.</param>
/// <param name="BaseEntry">The entry number of its base in the release that is held; null for none.</param>
/// <param name="TargetBytes">The file's length, as signed.</param>
public readonly record struct DeltaStep(uint Entry, uint? BaseEntry, long TargetBytes);

/// <summary>What a finished delta holds.</summary>
/// <param name="Files">Files it gives.</param>
/// <param name="TargetBytes">Bytes of all these files.</param>
/// <param name="ObjectBytes">Bytes of the delta itself.</param>
public readonly record struct DeltaTotals(int Files, long TargetBytes, long ObjectBytes);

/// <summary>How a delta makes one file: what an explanation of an upgrade's cost is drawn from.</summary>
/// <param name="Coding">How the file is coded.</param>
/// <param name="Steps">Copy-and-insert steps; 0 with a prefix frame.</param>
/// <param name="MovedSteps">Steps whose copy does not go on in the base where the one before ended.</param>
/// <param name="CopiedBytes">Bytes taken from the base, with or without a difference.</param>
/// <param name="DifferentBytes">Bytes in the words of four that were copied and changed; 0 with a prefix frame.</param>
/// <param name="InsertedBytes">Bytes that the delta holds itself; all, with a prefix frame.</param>
/// <param name="ObjectBytes">This file's share of the delta in bytes; approximate where files share a stream.</param>
public readonly record struct DeltaFileFacts(
    DeltaCoding Coding,
    long Steps,
    long MovedSteps,
    long CopiedBytes,
    long DifferentBytes,
    long InsertedBytes,
    long ObjectBytes);
