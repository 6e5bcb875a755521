using BenchmarkDotNet.Attributes;
using ChunkOta.Chunking;

namespace ChunkOta.Perf.Kernels;

/// <summary>BLAKE3 of bytes in memory by each kernel; divide the length by the time for the throughput.</summary>
[MemoryDiagnoser]
public class Blake3Benchmarks
{
    private readonly Blake3Hasher _hasher = new();
    private byte[] _data = [];

    [Params(1_000, 16 << 10, 64 << 10, 70_001, 64 << 20)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _data = new byte[Length];
        new Random(1).NextBytes(_data);
    }

    [Benchmark(Baseline = true)]
    public Digest Scalar() => Blake3.Hash(_data, Blake3.Kernel.Scalar);

    [Benchmark]
    public Digest Vector128() => By(Blake3.Kernel.Vector128);

    [Benchmark]
    public Digest Avx2() => By(Blake3.Kernel.Avx2);

    [Benchmark]
    public Digest Avx512() => By(Blake3.Kernel.Avx512);

    /// <summary>The widest kernel, fed by pieces of 70 001 bytes.</summary>
    [Benchmark]
    public Digest Incremental()
    {
        _hasher.Reset();
        for (var at = 0; at < _data.Length; at += 70_001)
            _hasher.Append(_data.AsSpan(at, Math.Min(70_001, _data.Length - at)));
        return _hasher.Finish();
    }

    private Digest By(Blake3.Kernel kernel) => Blake3.IsSupported(kernel)
        ? Blake3.Hash(_data, kernel)
        : throw new NotSupportedException($"this processor has no {kernel}");
}
