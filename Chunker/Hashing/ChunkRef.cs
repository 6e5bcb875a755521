namespace ChunkOta.Chunking;

/// <summary>A chunk as a recipe refers to it: the digest and the number of its plain bytes.</summary>
/// <param name="Hash">The BLAKE3-256 digest of the chunk's plain bytes.</param>
/// <param name="Length">Plain bytes, not compressed.</param>
public readonly record struct ChunkRef(Digest Hash, int Length);
