using System.Runtime.InteropServices;
using ZstdSharp.Unsafe;

namespace ChunkOta.Chunking;

/// <summary>zstd as managed code: ZstdSharp.Port, for platforms without libzstd.</summary>
/// <remarks>The port keeps libzstd's names, numbers and memory layouts, so every call is passed on as it is.</remarks>
internal abstract unsafe class ZstdManaged : IZstd
{
    public static string Implementation => $"ZstdSharp {Methods.ZSTD_versionString()}";

    public static CompressionContext CreateCompressionContext()
    {
        var context = new CompressionContext();
        Marshal.InitHandle(context, (nint)Methods.ZSTD_createCCtx());
        return context;
    }

    public static nuint FreeCompressionContext(nint context) => Methods.ZSTD_freeCCtx((ZSTD_CCtx_s*)context);

    public static nuint SetParameter(CompressionContext context, CompressionParameter name, int value)
    {
        using var call = new Call(context);
        return Methods.ZSTD_CCtx_setParameter(call.Compression, (ZSTD_cParameter)name, value);
    }

    public static nuint Reset(CompressionContext context, ResetDirective directive)
    {
        using var call = new Call(context);
        return Methods.ZSTD_CCtx_reset(call.Compression, (ZSTD_ResetDirective)directive);
    }

    public static nuint RefPrefix(CompressionContext context, byte* prefix, nuint prefixLength)
    {
        using var call = new Call(context);
        return Methods.ZSTD_CCtx_refPrefix(call.Compression, prefix, prefixLength);
    }

    public static nuint Compress(
        CompressionContext context, byte* destination, nuint capacity, byte* source, nuint sourceLength)
    {
        using var call = new Call(context);
        return Methods.ZSTD_compress2(call.Compression, destination, capacity, source, sourceLength);
    }

    public static nuint CompressBound(nuint sourceLength) => Methods.ZSTD_compressBound(sourceLength);

    public static nuint SetPledgedSourceLength(CompressionContext context, ulong sourceLength)
    {
        using var call = new Call(context);
        return Methods.ZSTD_CCtx_setPledgedSrcSize(call.Compression, sourceLength);
    }

    public static nuint CompressStream(
        CompressionContext context, StreamBuffer* output, StreamBuffer* input, EndDirective directive)
    {
        using var call = new Call(context);
        return Methods.ZSTD_compressStream2(
            call.Compression, (ZSTD_outBuffer_s*)output, (ZSTD_inBuffer_s*)input, (ZSTD_EndDirective)directive);
    }

    public static DecompressionContext CreateDecompressionContext()
    {
        var context = new DecompressionContext();
        Marshal.InitHandle(context, (nint)Methods.ZSTD_createDCtx());
        return context;
    }

    public static nuint FreeDecompressionContext(nint context) => Methods.ZSTD_freeDCtx((ZSTD_DCtx_s*)context);

    public static nuint SetParameter(DecompressionContext context, DecompressionParameter name, int value)
    {
        using var call = new Call(context);
        return Methods.ZSTD_DCtx_setParameter(call.Decompression, (ZSTD_dParameter)name, value);
    }

    public static nuint RefPrefix(DecompressionContext context, byte* prefix, nuint prefixLength)
    {
        using var call = new Call(context);
        return Methods.ZSTD_DCtx_refPrefix(call.Decompression, prefix, prefixLength);
    }

    public static nuint Decompress(
        DecompressionContext context, byte* destination, nuint capacity, byte* source, nuint sourceLength)
    {
        using var call = new Call(context);
        return Methods.ZSTD_decompressDCtx(call.Decompression, destination, capacity, source, sourceLength);
    }

    public static nuint DecompressStream(DecompressionContext context, StreamBuffer* output, StreamBuffer* input)
    {
        using var call = new Call(context);
        return Methods.ZSTD_decompressStream(
            call.Decompression, (ZSTD_outBuffer_s*)output, (ZSTD_inBuffer_s*)input);
    }

    public static nuint FindFrameLength(byte* source, nuint sourceLength) =>
        Methods.ZSTD_findFrameCompressedSize(source, sourceLength);

    public static bool IsError(nuint result) => Methods.ZSTD_isError(result);

    public static int ErrorCode(nuint result) => (int)Methods.ZSTD_getErrorCode(result);

    public static string ErrorName(nuint result) => Methods.ZSTD_getErrorName(result);

    /// <summary>
    /// Keeps a context from being freed during a call, as the runtime does in calls of native libraries.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The context has been freed.</exception>
    private readonly ref struct Call
    {
        private readonly SafeHandle _context;

        public Call(SafeHandle context)
        {
            var isHeld = false;
            context.DangerousAddRef(ref isHeld);
            _context = context;
        }

        public ZSTD_CCtx_s* Compression => (ZSTD_CCtx_s*)_context.DangerousGetHandle();

        public ZSTD_DCtx_s* Decompression => (ZSTD_DCtx_s*)_context.DangerousGetHandle();

        public void Dispose() => _context.DangerousRelease();
    }
}
