using BenchmarkDotNet.Attributes;
using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Perf.Kernels;

/// <summary>Reading all frames of one full pack from the page cache, beside a plain read of the same
/// bytes.</summary>
[MemoryDiagnoser]
[BytesPerCall(Frames * (long)ChunkFrame.MaxPlainBytes)]
public class PackReadBenchmarks : IDisposable
{
    private const int Frames = 31;
    private readonly string _folder = Directory.CreateTempSubdirectory("chunkota-perf-").FullName;
    private readonly FileObjectStore _store;
    private readonly byte[] _frame = new byte[ChunkFrame.MaxStoredBytes];
    private readonly ZstdDecoder _decoder = new();
    private PackContents _pack = new(default, 0, []);

    public PackReadBenchmarks() => _store = FileObjectStore.Open(_folder);

    [GlobalSetup]
    public async Task Fill()
    {
        // Random bytes give raw frames, so that reading is measured without decompression.
        var plain = new byte[ChunkFrame.MaxPlainBytes];
        var random = new Random(1);
        using var encoder = new ZstdEncoder(1);
        using var writer = new PackWriter();
        for (var i = 0; i < Frames; i++)
        {
            random.NextBytes(plain);
            var length = ChunkFrame.Encode(plain, _frame, encoder);
            writer.Add(
                _frame.AsSpan(0, length),
                [.. Enumerable.Range(0, 8).Select(chunk => VerifiedChunk.Of(plain.AsMemory(chunk * 65536, 65536)))]);
        }
        var sealedPack = writer.Seal();
        await _store.PutAsync(sealedPack.Name, sealedPack.Bytes);
        _pack = sealedPack.Contents;
    }

    [Benchmark(Baseline = true)]
    public int PlainRead()
    {
        using var file = File.OpenHandle(Path.Combine(_folder, ObjectName.Pack(_pack.Digest).ToString()));
        var read = 0;
        foreach (var frame in _pack.Frames)
            read += RandomAccess.Read(file, _frame.AsSpan(0, frame.StoredBytes), frame.Offset);
        return read;
    }

    [Benchmark]
    public async Task<int> ReadFrames()
    {
        foreach (var frame in _pack.Frames) await PackReader.ReadFrameAsync(_store, LocationOf(frame), _frame);
        return _pack.Frames.Count;
    }

    [Benchmark]
    public async Task<int> ReadFramesAndVerifyChunks()
    {
        var chunks = 0;
        foreach (var frame in _pack.Frames)
        {
            await PackReader.ReadFrameAsync(_store, LocationOf(frame), _frame);
            using var decoded = ChunkFrame.Decode(_frame.AsMemory(0, frame.StoredBytes), _decoder);
            chunks += decoded.Verify(frame.Chunks).Count;
        }
        return chunks;
    }

    [Benchmark]
    public async Task<int> ReadContents() => (await PackReader.ReadContentsAsync(_store, _pack.Digest)).Frames.Count;

    [GlobalCleanup]
    public void Dispose()
    {
        _decoder.Dispose();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private FrameLocation LocationOf(PackFrame frame) =>
        new(_pack.Digest, frame.Offset, frame.StoredBytes, frame.PlainBytes);
}
