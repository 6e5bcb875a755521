using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ChunkOta.Chunking;

/// <summary>zstd as the machine's library: libzstd 1.4 or newer.</summary>
internal abstract unsafe partial class ZstdNative : IZstd
{
    private const string Library = "libzstd";

    public static string Implementation
    {
        get
        {
            var version = VersionNumber();
            return $"libzstd {version / 10_000}.{version / 100 % 100}.{version % 100}";
        }
    }

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    public static partial CompressionContext CreateCompressionContext();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    public static partial nuint FreeCompressionContext(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_setParameter")]
    public static partial nuint SetParameter(CompressionContext context, CompressionParameter name, int value);

    [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_reset")]
    public static partial nuint Reset(CompressionContext context, ResetDirective directive);

    [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_refPrefix")]
    public static partial nuint RefPrefix(CompressionContext context, byte* prefix, nuint prefixLength);

    [LibraryImport(Library, EntryPoint = "ZSTD_compress2")]
    public static partial nuint Compress(
        CompressionContext context, byte* destination, nuint capacity, byte* source, nuint sourceLength);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressBound")]
    public static partial nuint CompressBound(nuint sourceLength);

    [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_setPledgedSrcSize")]
    public static partial nuint SetPledgedSourceLength(CompressionContext context, ulong sourceLength);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressStream2")]
    public static partial nuint CompressStream(
        CompressionContext context, StreamBuffer* output, StreamBuffer* input, EndDirective directive);

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    public static partial DecompressionContext CreateDecompressionContext();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    public static partial nuint FreeDecompressionContext(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_DCtx_setParameter")]
    public static partial nuint SetParameter(DecompressionContext context, DecompressionParameter name, int value);

    [LibraryImport(Library, EntryPoint = "ZSTD_DCtx_refPrefix")]
    public static partial nuint RefPrefix(DecompressionContext context, byte* prefix, nuint prefixLength);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressDCtx")]
    public static partial nuint Decompress(
        DecompressionContext context, byte* destination, nuint capacity, byte* source, nuint sourceLength);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream")]
    public static partial nuint DecompressStream(
        DecompressionContext context, StreamBuffer* output, StreamBuffer* input);

    [LibraryImport(Library, EntryPoint = "ZSTD_findFrameCompressedSize")]
    public static partial nuint FindFrameLength(byte* source, nuint sourceLength);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool IsError(nuint result);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorCode")]
    public static partial int ErrorCode(nuint result);

    /// <summary>The error in English; the library owns the text and never frees it.</summary>
    public static string ErrorName(nuint result) =>
        Marshal.PtrToStringUTF8((nint)GetErrorName(result)) ?? "unknown error";

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorName")]
    private static partial byte* GetErrorName(nuint result);

    [LibraryImport(Library, EntryPoint = "ZSTD_versionNumber")]
    private static partial uint VersionNumber();

    /// <summary>
    /// Finds the library by the name that the run-time package installs; <c>libzstd.so</c> alone comes with headers.
    /// </summary>
    /// <remarks>Native AOT links the library in and asks nobody.</remarks>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The one resolver that an assembly may have, before any call.")]
    internal static void Resolve()
    {
        if (RuntimeFeature.IsDynamicCodeCompiled)
            NativeLibrary.SetDllImportResolver(typeof(ZstdNative).Assembly, Load);
    }

    private static nint Load(string name, Assembly assembly, DllImportSearchPath? paths) =>
        name == Library && NativeLibrary.TryLoad("libzstd.so.1", assembly, paths, out var handle)
            ? handle
            : 0; // The runtime's own search goes on, and names the library in its error.
}
