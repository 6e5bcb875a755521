using System.Numerics;

namespace ChunkOta.Chunking;

/// <summary>
/// The two masks of normalized chunking: a cut is made where the gear hash shares no bit with the mask.
/// </summary>
/// <param name="Strict">Used before the average length: more bits, so that short chunks are rare.</param>
/// <param name="Loose">Used after it: fewer bits, so that long chunks are rare.</param>
internal readonly record struct CutMasks(ulong Strict, ulong Loose)
{
    /// <summary>
    /// The normalization level of the format: the distance in bits of each mask from the average's own.
    /// </summary>
    public const int Level = 2;

    /// <summary>
    /// No mask has this bit or a higher one, so bytes further back do not affect a cut.
    /// </summary>
    public const int WindowBytes = 48;

    /// <summary>The first entry of <see cref="Table"/> has this many bits.</summary>
    private const int FirstBits = 5;

    /// <summary>
    /// Masks with 5 to 25 bits, spread as evenly as the paper advises: those of the authors' C program and of the
    /// fastcdc crate, part of the format.
    /// </summary>
    private static readonly ulong[] Table =
    [
        0x0000_0000_0180_4110,
        0x0000_0000_0180_3110,
        0x0000_0000_1803_5100,
        0x0000_0018_0003_5300,
        0x0000_0190_0035_3000,
        0x0000_5900_0353_0000,
        0x0000_d900_0353_0000,
        0x0000_d901_0353_0000,
        0x0000_d903_0353_0000,
        0x0000_d903_1353_0000,
        0x0000_d90f_0353_0000,
        0x0000_d903_0353_7000,
        0x0000_d907_0353_7000,
        0x0000_d907_0753_7000,
        0x0000_d917_0753_7000,
        0x0000_d917_4753_7000,
        0x0000_d917_6753_7000,
        0x0000_d937_6753_7000,
        0x0000_d937_7753_7000,
        0x0000_d937_7757_7000,
        0x0000_db37_7757_7000,
    ];

    /// <summary>The masks for an average that <see cref="CutParameters.Validate"/> accepts.</summary>
    /// <param name="averageBytes">A power of two.</param>
    /// <param name="level">0 to 3; other than <see cref="Level"/> only to compare with vectors of other
    /// programs.</param>
    public static CutMasks For(int averageBytes, int level = Level)
    {
        var bits = BitOperations.Log2((uint)averageBytes) - FirstBits;
        return new CutMasks(Table[bits + level], Table[bits - level]);
    }
}
