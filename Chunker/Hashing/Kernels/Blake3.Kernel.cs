namespace ChunkOta.Chunking;

/// <content>The kernels, and the choice for this processor.</content>
public static partial class Blake3
{
    /// <summary>A way to hash many chunks or nodes, the narrowest first; all give the same bytes.</summary>
    internal enum Kernel
    {
        /// <summary>One at a time, on any machine.</summary>
        Scalar,

        /// <summary>One at a time, by SSSE3; where that is missing, the scalar kernel.</summary>
        Rows,

        /// <summary>Four at a time, by SSE or NEON.</summary>
        Vector128,

        /// <summary>Eight at a time, by AVX2.</summary>
        Avx2,

        /// <summary>Sixteen at a time, by AVX-512.</summary>
        Avx512,
    }

    /// <summary>The kernel that <see cref="Hash(ReadOnlySpan{byte})"/> and <see cref="Blake3Hasher"/> use.</summary>
    internal static Kernel WidestKernel =>
        IsSupported(Kernel.Avx512) ? Kernel.Avx512
        : IsSupported(Kernel.Avx2) ? Kernel.Avx2
        : IsSupported(Kernel.Vector128) ? Kernel.Vector128
        : Kernel.Scalar;

    /// <summary>True if this processor supports a kernel.</summary>
    internal static bool IsSupported(Kernel kernel) => kernel switch
    {
        Kernel.Avx512 => Avx512Kernel.IsSupported || NativeLanes >= 16,
        Kernel.Avx2 => Avx2Kernel.IsSupported || NativeLanes >= 8,
        Kernel.Vector128 => Vector128Kernel.IsSupported,
        Kernel.Rows => RowKernel.IsSupported,
        _ => true,
    };

    private static int NativeLanes => NativeKernels.AreLinked ? NativeKernels.WidestLanes() : 0;

    private static int LanesOf(Kernel kernel) => kernel switch
    {
        Kernel.Avx512 => 16,
        Kernel.Avx2 => 8,
        Kernel.Vector128 => 4,
        _ => 1,
    };

    /// <summary>The most lanes that rows have beside a kernel: its vectors, which hold 4 words of each lane.</summary>
    private static int RowLanesOf(Kernel kernel) => kernel switch
    {
        Kernel.Avx512 when Avx512Kernel.IsSupported => Row512.Lanes,
        Kernel.Avx512 or Kernel.Avx2 when Avx2Kernel.IsSupported => Row256.Lanes,
        _ => 1,
    };
}
