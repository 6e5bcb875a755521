namespace ChunkOta.Chunking;

/// <summary>What a quality means for the encoder.</summary>
/// <param name="WindowBytes">Bytes that must match exactly to be found.</param>
/// <param name="Stride">Distance of the windows of the base that are kept.</param>
/// <param name="Candidates">Places to look at for one window.</param>
/// <param name="SearchStride">Odd: distance of the places of the target that are looked for.</param>
/// <param name="PatienceBits">After each 2^n places in a row at which nothing was found, one more is passed over.</param>
/// <param name="ZstdLevel">For inserts and prefix frames.</param>
/// <param name="MaxPrefixBytes">Base and target of the largest file that is tried as a prefix frame; 0 for none.</param>
/// <param name="MinProgramBytes">Steps of so many bytes are tried as those of a program too.</param>
internal sealed record DeltaEffort(
    int WindowBytes, int Stride, int Candidates, int SearchStride, int PatienceBits, int ZstdLevel, int MaxPrefixBytes,
    long MinProgramBytes)
{
    private static readonly DeltaEffort Quick = new(16, 8, 1, 3, 10, 3, 1 << 20, 1 << 10);
    private static readonly DeltaEffort Best = new(8, 1, 32, 1, 12, 19, 16 << 20, 1 << 10);

    public static DeltaEffort Of(DeltaQuality quality) => quality switch
    {
        DeltaQuality.Quick => Quick,
        DeltaQuality.Best => Best,
        _ => throw new ArgumentOutOfRangeException(nameof(quality)),
    };
}
