using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using ChunkOta.Chunking;

namespace ChunkOta.Perf.Kernels;

/// <summary>Frames of 8 chunks of a program's code, beside the runtime's own compressor on the same bytes.</summary>
/// <remarks>Many iterations of one short call, so that some run undisturbed even on a busy machine.</remarks>
[MemoryDiagnoser]
[InvocationCount(1, unrollFactor: 1)]
[WarmupCount(400)]
[IterationCount(300)]
[BytesPerCall(ChunkFrame.MaxPlainBytes)]
public class ChunkFrameBenchmarks
{
    private const int ChunkBytes = ChunkFrame.MaxPlainBytes / 8;

    private readonly ZstdEncoder _fast = new(3);
    private readonly ZstdEncoder _small = new(9);
    private readonly ZstdDecoder _decoder = new();
    private readonly byte[] _plain = new byte[ChunkFrame.MaxPlainBytes];
    private readonly byte[] _destination = new byte[ChunkFrame.MaxStoredBytes];
    private readonly ChunkRef[] _chunks = new ChunkRef[8];
    private readonly byte[] _frame;

    public ChunkFrameBenchmarks()
    {
        using (var library = File.OpenRead(typeof(object).Assembly.Location))
        {
            library.Position = library.Length / 2;
            library.ReadExactly(_plain);
        }

        for (var i = 0; i < _chunks.Length; i++)
            _chunks[i] = new ChunkRef(Digest.Of(_plain.AsSpan(i * ChunkBytes, ChunkBytes)), ChunkBytes);
        _frame = _destination[..ChunkFrame.Encode(_plain, _destination, _small)];
    }

    [Benchmark(Baseline = true)]
    public bool BrotliEncode() => BrotliEncoder.TryCompress(_plain, _destination, out _, quality: 4, window: 22);

    [Benchmark]
    public int EncodeAtLevel3() => ChunkFrame.Encode(_plain, _destination, _fast);

    [Benchmark]
    public int EncodeAtLevel9() => ChunkFrame.Encode(_plain, _destination, _small);

    [Benchmark]
    public int Decode()
    {
        using var frame = ChunkFrame.Decode(_frame, _decoder);
        return frame.Plain.Length;
    }

    [Benchmark]
    public int DecodeAndVerify()
    {
        using var frame = ChunkFrame.Decode(_frame, _decoder);
        return frame.Verify(_chunks).Count;
    }

    [GlobalCleanup]
    public void Free()
    {
        _fast.Dispose();
        _small.Dispose();
        _decoder.Dispose();
    }
}
