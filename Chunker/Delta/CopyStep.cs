namespace ChunkOta.Chunking;

/// <summary>One step of a file: bytes copied from the base, differences to be added, then bytes of its own.</summary>
/// <param name="BaseOffset">Where the copy begins in the base.</param>
/// <param name="CopyBytes">Bytes to copy; 0 when nothing fits.</param>
/// <param name="InsertBytes">Bytes to insert after the copy. A step makes at least one byte.</param>
internal readonly record struct CopyStep(long BaseOffset, long CopyBytes, long InsertBytes);
