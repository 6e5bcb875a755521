using BenchmarkDotNet.Attributes;
using ChunkOta.Chunking;

namespace ChunkOta.Perf.Kernels;

/// <summary>Cutting 4 MiB of random bytes, beside hashing the same bytes, which every publisher does.</summary>
/// <remarks>Many iterations of one short call, so that some run undisturbed even on a busy machine.</remarks>
[MemoryDiagnoser]
[InvocationCount(1, unrollFactor: 1)]
[WarmupCount(400)]
[IterationCount(300)]
[BytesPerCall(Bytes)]
public class FastCdcBenchmarks
{
    private const int Bytes = 4 * 1024 * 1024;

    private readonly byte[] _data = new byte[Bytes];
    private readonly MemoryStream _stream;
    private readonly ChunkReader _reader;

    public FastCdcBenchmarks()
    {
        new Random(1).NextBytes(_data);
        _stream = new MemoryStream(_data);
        _reader = new ChunkReader(_stream, CutParameters.Default);
    }

    [Benchmark(Baseline = true)]
    public Digest Blake3Hash() => Blake3.Hash(_data);

    [Benchmark]
    public int FastCdcCut() => Cut(CutParameters.Default);

    [Benchmark]
    public int FastCdcCutWithSeed() => Cut(CutParameters.Default with { Seed = 666 });

    [Benchmark]
    public async Task<int> ChunkReaderRead()
    {
        _stream.Position = 0;
        _reader.Reset(_stream);
        var chunks = 0;
        while (!(await _reader.ReadAsync(CancellationToken.None)).IsEmpty)
            chunks++;
        return chunks;
    }

    [GlobalCleanup]
    public void Free() => _reader.Dispose();

    private int Cut(CutParameters parameters)
    {
        var chunks = 0;
        for (var at = 0; at < _data.Length; chunks++)
            at += FastCdc.NextCut(_data.AsSpan(at), parameters, isFinal: true);
        return chunks;
    }
}
