extern alias Blake3Package;

using BenchmarkDotNet.Attributes;
using ChunkOta.Chunking;
using Package = Blake3Package::Blake3.Hasher;

namespace ChunkOta.Perf.Kernels;

/// <summary>
/// Hashing 16 MiB: as inputs of one length by the Blake3 package and by each of our kernels, and as one input in such
/// pieces.
/// </summary>
[MemoryDiagnoser]
[BytesPerCall(Bytes)]
public class Blake3Benchmarks
{
    private const int Bytes = 16 * 1024 * 1024;

    private readonly byte[] _data = new byte[Bytes];
    private readonly Blake3Hasher _hasher = new();

    public Blake3Benchmarks() => new Random(1).NextBytes(_data);

    [Params(64, 256, 1024, 16 * 1024, 64 * 1024, 4 * 1024 * 1024)]
    public int InputBytes { get; set; }

    [Benchmark(Baseline = true)]
    public Blake3Package::Blake3.Hash ThePackage()
    {
        Blake3Package::Blake3.Hash last = default;
        for (var at = 0; at < Bytes; at += InputBytes)
            last = Package.Hash(_data.AsSpan(at, InputBytes));
        return last;
    }

    [Benchmark]
    public Digest Ours()
    {
        Digest last = default;
        for (var at = 0; at < Bytes; at += InputBytes)
            last = Blake3.Hash(_data.AsSpan(at, InputBytes));
        return last;
    }

    [Benchmark]
    public Digest Scalar() => HashAll(Blake3.Kernel.Scalar);

    [Benchmark]
    public Digest Rows() => HashAll(Blake3.Kernel.Rows);

    [Benchmark]
    public Digest Vector128() => HashAll(Blake3.Kernel.Vector128);

    [Benchmark]
    public Digest Avx2() => HashAll(Blake3.Kernel.Avx2);

    [Benchmark]
    public Digest Avx512() => HashAll(Blake3.Kernel.Avx512);

    [Benchmark]
    public Digest Incremental()
    {
        _hasher.Reset();
        for (var at = 0; at < Bytes; at += InputBytes)
            _hasher.Append(_data.AsSpan(at, InputBytes));
        return _hasher.Finish();
    }

    private Digest HashAll(Blake3.Kernel kernel)
    {
        if (!Blake3.IsSupported(kernel))
            throw new NotSupportedException($"this processor has no {kernel}");
        Digest last = default;
        for (var at = 0; at < Bytes; at += InputBytes)
            last = Blake3.Hash(_data.AsSpan(at, InputBytes), kernel);
        return last;
    }
}
