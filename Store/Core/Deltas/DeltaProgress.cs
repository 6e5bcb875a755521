namespace ChunkOta.Storage;

/// <summary>How far the making of a delta has come.</summary>
/// <param name="Bytes">Of the changed files, those that are encoded.</param>
/// <param name="TotalBytes">Of all changed files.</param>
/// <param name="Files">Changed files that are encoded.</param>
/// <param name="TotalFiles">Changed files.</param>
/// <param name="IsHeld">It waits for another build to end, so that they do not take memory at once.</param>
public readonly record struct DeltaProgress(
    long Bytes, long TotalBytes, int Files, int TotalFiles, bool IsHeld = false);
