using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ChunkOta.Chunking;

/// <summary>The calls of libzstd (1.4 or newer) that this product makes, under their C names.</summary>
/// <remarks>Sizes that come back are lengths in bytes or, where <see cref="ZSTD_isError"/> says so, errors.</remarks>
internal static unsafe partial class ZstdNative
{
    private const string Library = "libzstd";

    /// <summary>The error of an output buffer that is too short.</summary>
    public const int DestinationTooShort = 70;

    [LibraryImport(Library)]
    public static partial CompressionHandle ZSTD_createCCtx();

    [LibraryImport(Library)]
    private static partial nuint ZSTD_freeCCtx(nint context);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_CCtx_setParameter(CompressionHandle context, CompressionParameter name, int value);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_CCtx_reset(CompressionHandle context, ResetDirective directive);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_CCtx_refPrefix(CompressionHandle context, byte* prefix, nuint prefixLength);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_compress2(
        CompressionHandle context, byte* destination, nuint capacity, byte* source, nuint sourceLength);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_compressBound(nuint sourceLength);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_CCtx_setPledgedSrcSize(CompressionHandle context, ulong sourceLength);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_compressStream2(
        CompressionHandle context, ref StreamBuffer output, ref StreamBuffer input, EndDirective directive);

    [LibraryImport(Library)]
    public static partial DecompressionHandle ZSTD_createDCtx();

    [LibraryImport(Library)]
    public static partial nuint ZSTD_DCtx_setParameter(
        DecompressionHandle context, DecompressionParameter name, int value);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_decompressStream(
        DecompressionHandle context, ref StreamBuffer output, ref StreamBuffer input);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_freeDCtx(nint context);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_DCtx_refPrefix(DecompressionHandle context, byte* prefix, nuint prefixLength);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_decompressDCtx(
        DecompressionHandle context, byte* destination, nuint capacity, byte* source, nuint sourceLength);

    [LibraryImport(Library)]
    public static partial nuint ZSTD_findFrameCompressedSize(byte* source, nuint sourceLength);

    [LibraryImport(Library)]
    public static partial uint ZSTD_isError(nuint result);

    [LibraryImport(Library)]
    public static partial int ZSTD_getErrorCode(nuint result);

    [LibraryImport(Library)]
    private static partial byte* ZSTD_getErrorName(nuint result);

    /// <summary>What libzstd calls an error; the text is its own and lives for ever.</summary>
    public static string ErrorName(nuint result) =>
        Marshal.PtrToStringUTF8((nint)ZSTD_getErrorName(result)) ?? "unknown error";

    /// <summary>Stops at an error that no input can cause: a wrong call, or no memory.</summary>
    /// <exception cref="InvalidOperationException">The result is an error.</exception>
    public static void ThrowIfError(nuint result)
    {
        if (ZSTD_isError(result) != 0)
            throw new InvalidOperationException($"libzstd: {ErrorName(result)}");
    }

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

    /// <summary>A compression context of libzstd, freed with its owner.</summary>
    internal sealed class CompressionHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => ZSTD_isError(ZSTD_freeCCtx(handle)) == 0;
    }

    /// <summary>A decompression context of libzstd, freed with its owner.</summary>
    internal sealed class DecompressionHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => ZSTD_isError(ZSTD_freeDCtx(handle)) == 0;
    }

    /// <summary>ZSTD_cParameter, as far as it is used here.</summary>
    internal enum CompressionParameter
    {
        Level = 100,
        WindowLog = 101,
        LongDistanceMatching = 160,
    }

    /// <summary>ZSTD_ResetDirective, as far as it is used here.</summary>
    internal enum ResetDirective
    {
        Session = 1,
    }

    /// <summary>ZSTD_dParameter, as far as it is used here.</summary>
    internal enum DecompressionParameter
    {
        MaxWindowLog = 100,
    }

    /// <summary>ZSTD_EndDirective, as far as it is used here.</summary>
    internal enum EndDirective
    {
        Continue = 0,
        End = 2,
    }

    /// <summary>ZSTD_inBuffer and ZSTD_outBuffer: memory, its length, and how much of it is done.</summary>
    internal struct StreamBuffer
    {
        public byte* Start;
        public nuint Size;
        public nuint Position;
    }
}
