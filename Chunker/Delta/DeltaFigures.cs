namespace ChunkOta.Chunking;

/// <summary>Sizes of a finished delta.</summary>
/// <param name="Files">Number of files it makes.</param>
/// <param name="TargetBytes">Bytes of all these files.</param>
/// <param name="ObjectBytes">Bytes of the delta itself.</param>
public readonly record struct DeltaFigures(int Files, long TargetBytes, long ObjectBytes);

/// <summary>The parts that a delta makes one file from: the basis for explaining the cost of an upgrade.</summary>
/// <param name="Coding">The file's coding.</param>
/// <param name="Steps">Copy-and-insert steps; 0 with a prefix frame.</param>
/// <param name="MovedSteps">Steps whose copy does not continue in the base where the last copy ended.</param>
/// <param name="CopiedBytes">Bytes taken from the base, with or without a difference.</param>
/// <param name="DifferentBytes">Bytes of the words of four that were copied and changed; 0 with a prefix frame.</param>
/// <param name="InsertedBytes">Bytes that the delta itself contains; all of them with a prefix frame.</param>
/// <param name="ObjectBytes">This file's share of the delta in bytes; approximate where files share a stream.</param>
public readonly record struct DeltaFileFigures(
    DeltaCoding Coding,
    long Steps,
    long MovedSteps,
    long CopiedBytes,
    long DifferentBytes,
    long InsertedBytes,
    long ObjectBytes);
