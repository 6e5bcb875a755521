using System.Collections.Concurrent;
using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A pool of zstd contexts, which cost megabytes of native memory and time to create: one per
/// processor.</summary>
/// <remarks>
/// A rented context belongs to its caller until it is returned. After an exception it is not returned: its state is
/// unknown, and its finalizer frees it.
/// </remarks>
internal sealed class CodecPool(int level) : IDisposable
{
    private readonly ConcurrentBag<ZstdEncoder> _encoders = [];
    private readonly ConcurrentBag<ZstdDecoder> _decoders = [];

    public ZstdEncoder RentEncoder() => _encoders.TryTake(out var encoder) ? encoder : new ZstdEncoder(level);

    public ZstdDecoder RentDecoder() => _decoders.TryTake(out var decoder) ? decoder : new ZstdDecoder();

    public void Return(ZstdEncoder encoder)
    {
        if (_encoders.Count < Environment.ProcessorCount) _encoders.Add(encoder);
        else encoder.Dispose();
    }

    public void Return(ZstdDecoder decoder)
    {
        if (_decoders.Count < Environment.ProcessorCount) _decoders.Add(decoder);
        else decoder.Dispose();
    }

    public void Dispose()
    {
        while (_encoders.TryTake(out var encoder)) encoder.Dispose();
        while (_decoders.TryTake(out var decoder)) decoder.Dispose();
    }
}
