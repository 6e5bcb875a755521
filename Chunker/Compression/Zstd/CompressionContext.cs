using System.Runtime.InteropServices;

namespace ChunkOta.Chunking;

/// <summary>A compression context of zstd, freed with its owner.</summary>
internal sealed class CompressionContext() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    /// <exception cref="InsufficientMemoryException">Out of memory.</exception>
    public static CompressionContext Create()
    {
        var context = Zstd.CreateCompressionContext();
        return context.IsInvalid
            ? throw new InsufficientMemoryException("zstd has no memory for a compression context")
            : context;
    }

    protected override bool ReleaseHandle() => !Zstd.IsError(Zstd.FreeCompressionContext(handle));
}

/// <summary>A decompression context of zstd, freed with its owner.</summary>
internal sealed class DecompressionContext() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    /// <exception cref="InsufficientMemoryException">Out of memory.</exception>
    public static DecompressionContext Create()
    {
        var context = Zstd.CreateDecompressionContext();
        return context.IsInvalid
            ? throw new InsufficientMemoryException("zstd has no memory for a decompression context")
            : context;
    }

    protected override bool ReleaseHandle() => !Zstd.IsError(Zstd.FreeDecompressionContext(handle));
}
