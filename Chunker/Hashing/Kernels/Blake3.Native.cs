using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace ChunkOta.Chunking;

/// <content>The wide kernels in C, for binaries whose compiler makes no code that asks what the processor
/// has.</content>
public static partial class Blake3
{
    /// <summary>The kernels of <c>blake3_lanes.c</c>, where a binary was linked with them.</summary>
    internal static unsafe partial class NativeKernels
    {
        private const string Library = "blake3_lanes";

        /// <summary>True if this binary was linked with them, which is decided when it is built.</summary>
        [FeatureSwitchDefinition("ChunkOta.Chunking.NativeKernels")]
        internal static bool AreLinked =>
            AppContext.TryGetSwitch("ChunkOta.Chunking.NativeKernels", out var are) && are;

        /// <summary>Lanes that this processor can hash at once: 16, 8, or 0 for too few to be of use.</summary>
        [LibraryImport(Library, EntryPoint = "blake3_lanes")]
        internal static partial int WidestLanes();

        /// <summary>As <see cref="Avx2Kernel.HashLanes"/>.</summary>
        [LibraryImport(Library, EntryPoint = "blake3_hash_8")]
        internal static partial void Hash8(in Pass pass, uint* cvs);

        /// <summary>As <see cref="Avx512Kernel.HashLanes"/>.</summary>
        [LibraryImport(Library, EntryPoint = "blake3_hash_16")]
        internal static partial void Hash16(in Pass pass, uint* cvs);
    }
}
