namespace ChunkOta.Storage;

/// <summary>Consecutive chunks of one entry of a release.</summary>
/// <param name="Entry">The entry's index in the manifest.</param>
/// <param name="First">The index of the first chunk in the entry.</param>
/// <param name="Count">The number of chunks.</param>
public readonly record struct ChunkRange(uint Entry, uint First, uint Count);

/// <summary>A part of one chunk.</summary>
/// <param name="Offset">The offset in the chunk, plain bytes.</param>
/// <param name="Bytes">The length, plain bytes.</param>
public readonly record struct ChunkSlice(uint Offset, uint Bytes);
