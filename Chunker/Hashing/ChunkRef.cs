namespace ChunkOta.Chunking;

/// <summary>What a recipe says of a chunk: the digest of its plain bytes, and how many they are.</summary>
/// <param name="Hash">The BLAKE3-256 digest of the chunk's plain bytes.</param>
/// <param name="Length">Plain bytes, not compressed.</param>
public readonly record struct ChunkRef(Digest Hash, int Length);
