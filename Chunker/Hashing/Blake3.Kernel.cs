namespace ChunkOta.Chunking;

/// <content>The kernels there are, and which one this processor gets.</content>
public static partial class Blake3
{
    /// <summary>A way to hash many chunks or nodes; all give the same bytes.</summary>
    internal enum Kernel
    {
        /// <summary>One at a time, on any machine.</summary>
        Scalar,
    }

    /// <summary>The kernel that <see cref="Hash(ReadOnlySpan{byte})"/> and <see cref="Blake3Hasher"/> use.</summary>
    internal static Kernel WidestKernel => Kernel.Scalar;

    /// <summary>Whether this processor can run a kernel.</summary>
    internal static bool IsSupported(Kernel kernel) => kernel == Kernel.Scalar;
}
