namespace ChunkOta.Chunking;

/// <summary>
/// Encodes small files as zstd frames with the base as the prefix, where that is smaller than their steps.
/// </summary>
internal sealed class PrefixFrameEncoder(WindowPair windows, DeltaParts parts, int level) : IDisposable
{
    /// <summary>Estimated bytes that a frame costs beside its content.</summary>
    private const int OverheadBytes = 12;

    /// <summary>Earlier inserts that serve as context for the estimated cost of more.</summary>
    private const int MaxContextBytes = 1 << 20;

    /// <summary>After a larger file libzstd's memory is freed.</summary>
    private const int MaxKeptBytes = 2 << 20;

    private readonly NativeArray<byte> _frame = new();
    private readonly NativeArray<byte> _inserts = new();
    private ZstdEncoder? _zstd;

    /// <summary>Bytes of native memory allocated, without libzstd's own.</summary>
    public long HeldBytes => _frame.HeldBytes + _inserts.HeldBytes;

    /// <summary>Encodes the window's file, if a frame is smaller than its steps and inserts.</summary>
    /// <param name="start">State of the parts before the file.</param>
    /// <param name="stepBytes">Coded bytes of its steps.</param>
    /// <returns>The frame, or nothing; valid until the next call.</returns>
    public ReadOnlySpan<byte> TryEncode(DeltaParts.State start, long stepBytes)
    {
        var inserted = (int)(parts.Inserts.Position - start.Inserts);
        _zstd ??= new ZstdEncoder(level);
        var frame = Encode(_zstd, start.Inserts, inserted, stepBytes);
        if (windows.Base.Length + windows.Target.Length > MaxKeptBytes)
            FreeZstd();
        return frame;
    }

    /// <summary>Frees all native memory; the encoder can be used again afterwards.</summary>
    public void Dispose()
    {
        FreeZstd();
        _frame.Dispose();
        _inserts.Dispose();
    }

    private void FreeZstd()
    {
        _zstd?.Dispose();
        _zstd = null;
    }

    private ReadOnlySpan<byte> Encode(ZstdEncoder zstd, long insertsBefore, int inserted, long stepBytes)
    {
        if (inserted == 0 && stepBytes < 4 * OverheadBytes)
            return [];
        var insertBytes = InsertCost(zstd, insertsBefore, inserted);
        var budget = (int)Math.Min(stepBytes + insertBytes - OverheadBytes, windows.Target.Length);
        if (budget <= 0)
            return [];
        var frame = _frame.Rent(budget);
        return zstd.TryEncode(windows.Target, frame, out var length, windows.Base) ? frame[..length] : [];
    }

    /// <summary>Estimates the bytes that the file's inserts add to their frame, from the inserts before them.</summary>
    private int InsertCost(ZstdEncoder zstd, long insertsBefore, int inserted)
    {
        if (inserted == 0)
            return 0;
        var context = (int)Math.Min(insertsBefore, MaxContextBytes);
        var bytes = _inserts.Rent(context + inserted);
        parts.Inserts.Position = insertsBefore - context;
        parts.Inserts.ReadExactly(bytes);
        return zstd.Encode(
            bytes[context..], _frame.Rent(ZstdEncoder.MaxEncodedLength(inserted)), bytes[..context]);
    }
}
