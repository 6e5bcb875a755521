namespace ChunkOta.Chunking;

/// <summary>
/// The calls of zstd's C interface that this product makes. A build compiles one implementation in, under the name
/// Zstd.
/// </summary>
/// <remarks>
/// <c>ZstdNative</c> calls libzstd and <c>ZstdManaged</c> calls a translation of it to C#; the build property
/// ManagedZstd chooses. A length that comes back is in bytes, or an error where <see cref="IsError"/> says so. A
/// context serves one caller at a time, and is not freed while a call uses it.
/// </remarks>
internal unsafe interface IZstd
{
    /// <summary>The implementation's name and version, such as "libzstd 1.5.4".</summary>
    static abstract string Implementation { get; }

    /// <summary>ZSTD_createCCtx: a context that is invalid when there is no memory.</summary>
    static abstract CompressionContext CreateCompressionContext();

    /// <summary>ZSTD_freeCCtx, for <see cref="CompressionContext"/> alone.</summary>
    static abstract nuint FreeCompressionContext(nint context);

    /// <summary>ZSTD_CCtx_setParameter.</summary>
    static abstract nuint SetParameter(CompressionContext context, CompressionParameter name, int value);

    /// <summary>ZSTD_CCtx_reset.</summary>
    static abstract nuint Reset(CompressionContext context, ResetDirective directive);

    /// <summary>ZSTD_CCtx_refPrefix: for the next frame alone; null and 0 for none.</summary>
    static abstract nuint RefPrefix(CompressionContext context, byte* prefix, nuint prefixLength);

    /// <summary>ZSTD_compress2: the length of the frame.</summary>
    static abstract nuint Compress(
        CompressionContext context, byte* destination, nuint capacity, byte* source, nuint sourceLength);

    /// <summary>ZSTD_compressBound: the greatest length of the frame of a source.</summary>
    static abstract nuint CompressBound(nuint sourceLength);

    /// <summary>ZSTD_CCtx_setPledgedSrcSize: the length of the stream that comes next.</summary>
    static abstract nuint SetPledgedSourceLength(CompressionContext context, ulong sourceLength);

    /// <summary>ZSTD_compressStream2: 0 once all is written, or the least that is still to be written.</summary>
    static abstract nuint CompressStream(
        CompressionContext context, StreamBuffer* output, StreamBuffer* input, EndDirective directive);

    /// <summary>ZSTD_createDCtx: a context that is invalid when there is no memory.</summary>
    static abstract DecompressionContext CreateDecompressionContext();

    /// <summary>ZSTD_freeDCtx, for <see cref="DecompressionContext"/> alone.</summary>
    static abstract nuint FreeDecompressionContext(nint context);

    /// <summary>ZSTD_DCtx_setParameter.</summary>
    static abstract nuint SetParameter(DecompressionContext context, DecompressionParameter name, int value);

    /// <summary>ZSTD_DCtx_refPrefix: for the next frame alone; null and 0 for none.</summary>
    static abstract nuint RefPrefix(DecompressionContext context, byte* prefix, nuint prefixLength);

    /// <summary>ZSTD_decompressDCtx: the plain length of all frames of the source.</summary>
    static abstract nuint Decompress(
        DecompressionContext context, byte* destination, nuint capacity, byte* source, nuint sourceLength);

    /// <summary>ZSTD_decompressStream: 0 at the end of a frame.</summary>
    static abstract nuint DecompressStream(DecompressionContext context, StreamBuffer* output, StreamBuffer* input);

    /// <summary>ZSTD_findFrameCompressedSize: the length of the frame that begins the source.</summary>
    static abstract nuint FindFrameLength(byte* source, nuint sourceLength);

    /// <summary>ZSTD_isError.</summary>
    static abstract bool IsError(nuint result);

    /// <summary>ZSTD_getErrorCode: the same number in every version and implementation.</summary>
    static abstract int ErrorCode(nuint result);

    /// <summary>ZSTD_getErrorName: the error in English.</summary>
    static abstract string ErrorName(nuint result);
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
internal unsafe struct StreamBuffer
{
    public byte* Start;
    public nuint Size;
    public nuint Position;
}
