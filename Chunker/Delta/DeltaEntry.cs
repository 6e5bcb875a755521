namespace ChunkOta.Chunking;

/// <summary>One file of a delta.</summary>
/// <param name="Entry">The file's entry number in the new release.</param>
/// <param name="BaseEntry">The entry number of its base in the installed release; null for none.</param>
/// <param name="TargetBytes">The file's signed length.</param>
public readonly record struct DeltaEntry(uint Entry, uint? BaseEntry, long TargetBytes);
