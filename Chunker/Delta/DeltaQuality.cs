namespace ChunkOta.Chunking;

/// <summary>The effort spent on a delta; the format is the same.</summary>
public enum DeltaQuality
{
    /// <summary>Built within seconds, on first request.</summary>
    Quick = 1,

    /// <summary>As small as possible, built in the background.</summary>
    Best = 2,
}
