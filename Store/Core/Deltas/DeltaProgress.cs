namespace ChunkOta.Storage;

/// <summary>The progress of a delta that is being built.</summary>
/// <param name="Bytes">Bytes of changed files that are encoded.</param>
/// <param name="TotalBytes">Bytes of all changed files.</param>
/// <param name="Files">Changed files that are encoded.</param>
/// <param name="TotalFiles">Changed files.</param>
/// <param name="IsHeld">It waits for another build to end, to bound the memory of both.</param>
public readonly record struct DeltaProgress(
    long Bytes, long TotalBytes, int Files, int TotalFiles, bool IsHeld = false);
