namespace ChunkOta.Chunking;

/// <summary>
/// One step of a file: bytes copied from the base, to which differences are added, then inserted bytes.
/// </summary>
/// <param name="BaseOffset">Offset of the copy in the base.</param>
/// <param name="CopyBytes">Bytes to copy; 0 when nothing matches.</param>
/// <param name="InsertBytes">Bytes to insert after the copy. A step makes at least one byte.</param>
internal readonly record struct CopyStep(long BaseOffset, long CopyBytes, long InsertBytes);
