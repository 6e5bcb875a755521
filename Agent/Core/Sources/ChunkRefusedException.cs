using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>A chunk that came damaged each time it was asked for: the source has nothing better.</summary>
/// <param name="chunk">The chunk.</param>
/// <param name="path">The file that needs it.</param>
/// <param name="tries">How often it came.</param>
/// <param name="fault">The last fault, which gives the code.</param>
internal sealed class ChunkRefusedException(Digest chunk, string path, int tries, ChunkOtaException fault)
    : ChunkOtaException(fault.Code, $"chunk {chunk} of {path} came damaged {tries} times: {fault.Message}", fault);
