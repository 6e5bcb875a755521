namespace ChunkOta.Chunking;

/// <summary>Sizes of a finished delta.</summary>
/// <param name="Files">Number of files it makes.</param>
/// <param name="TargetBytes">Bytes of all these files.</param>
/// <param name="ObjectBytes">Bytes of the delta itself.</param>
public readonly record struct DeltaFigures(int Files, long TargetBytes, long ObjectBytes);

/// <summary>The parts that a delta makes one file from: the basis for explaining the cost of an upgrade.</summary>
public readonly record struct DeltaFileFigures
{
    /// <summary>The file's coding.</summary>
    public required DeltaCoding Coding { get; init; }

    /// <summary>Copy-and-insert steps; 0 with a prefix frame.</summary>
    public required long Steps { get; init; }

    /// <summary>Steps whose copy does not continue in the base where the last copy ended.</summary>
    public required long MovedSteps { get; init; }

    /// <summary>Bytes taken from the base, with or without a difference.</summary>
    public required long CopiedBytes { get; init; }

    /// <summary>Bytes of the words of four that were copied and changed; 0 with a prefix frame.</summary>
    public required long DifferentBytes { get; init; }

    /// <summary>Bytes that the delta itself contains; all of them with a prefix frame.</summary>
    public required long InsertedBytes { get; init; }

    /// <summary>This file's share of the delta in bytes; approximate where files share a stream.</summary>
    public required long ObjectBytes { get; init; }
}
