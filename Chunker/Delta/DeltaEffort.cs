namespace ChunkOta.Chunking;

/// <summary>The encoder's settings for a quality.</summary>
internal sealed record DeltaEffort
{
    private static readonly DeltaEffort Quick = new()
    {
        WindowBytes = 16,
        Stride = 8,
        Candidates = 1,
        SearchStride = 3,
        PatienceBits = 10,
        ZstdLevel = 3,
        MaxPrefixBytes = 1 << 20,
        MinProgramBytes = 1 << 10,
    };

    private static readonly DeltaEffort Best = new()
    {
        WindowBytes = 8,
        Stride = 1,
        Candidates = 32,
        SearchStride = 1,
        PatienceBits = 12,
        ZstdLevel = 19,
        MaxPrefixBytes = 16 << 20,
        MinProgramBytes = 1 << 10,
    };

    /// <summary>Bytes that must match exactly to be found.</summary>
    public required int WindowBytes { get; init; }

    /// <summary>Distance of the indexed windows of the base.</summary>
    public required int Stride { get; init; }

    /// <summary>Offsets of the base to try for one window.</summary>
    public required int Candidates { get; init; }

    /// <summary>Distance of the offsets of the target that are searched; odd.</summary>
    public required int SearchStride { get; init; }

    /// <summary>After each 2^n misses in a row, the search skips one more byte.</summary>
    public required int PatienceBits { get; init; }

    /// <summary>Level for inserts and prefix frames.</summary>
    public required int ZstdLevel { get; init; }

    /// <summary>Bytes of base and target of the largest file to try as a prefix frame.</summary>
    public required int MaxPrefixBytes { get; init; }

    /// <summary>Coded bytes from which steps are also tried as those of a program.</summary>
    public required long MinProgramBytes { get; init; }

    /// <summary>Gives the settings of a quality.</summary>
    public static DeltaEffort Of(DeltaQuality quality) => quality switch
    {
        DeltaQuality.Quick => Quick,
        DeltaQuality.Best => Best,
        _ => throw new ArgumentOutOfRangeException(nameof(quality)),
    };
}
