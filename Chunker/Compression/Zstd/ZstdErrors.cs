namespace ChunkOta.Chunking;

/// <summary>Error codes of zstd, and the exception for errors that no input can cause.</summary>
internal static class ZstdErrors
{
    /// <summary>ZSTD_error_dstSize_tooSmall: the output buffer is too short.</summary>
    public const int DestinationTooShort = 70;

    /// <summary>Throws for an error that no input can cause: a wrong call, or no memory.</summary>
    /// <exception cref="InvalidOperationException">The result is an error.</exception>
    public static void ThrowIfError(nuint result)
    {
        if (Zstd.IsError(result))
            throw new InvalidOperationException($"{Zstd.Implementation}: {Zstd.ErrorName(result)}");
    }
}
