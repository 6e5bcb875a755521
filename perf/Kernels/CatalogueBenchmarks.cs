using BenchmarkDotNet.Attributes;
using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;

namespace ChunkOta.Perf.Kernels;

/// <summary>The largest queries of a publish and of a fetch, to a catalogue of 100,000 chunks.</summary>
[MemoryDiagnoser]
public class CatalogueBenchmarks : IAsyncDisposable
{
    private const int Chunks = 100_000;
    private const int Asked = 16_384;
    private readonly string _folder = Directory.CreateTempSubdirectory("chunkota-perf-").FullName;
    private readonly ICatalogue _catalogue;
    private readonly Digest[] _hashes =
        [.. Enumerable.Range(0, Asked).Select(i => Chunk(i * 7919 % (2 * Chunks)).Hash)];
    private readonly byte[] _missing = new byte[Asked / 8];
    private readonly ChunkLocation[] _locations = new ChunkLocation[Asked];
    private int _packs;

    public CatalogueBenchmarks() =>
        _catalogue = SqliteCatalogue.Open(Path.Combine(_folder, "catalogue.db"), TimeProvider.System);

    [GlobalSetup]
    public async Task Fill()
    {
        while (_packs < Chunks / 4000) await AddPackOf4000Chunks();
    }

    [Benchmark]
    public async Task<int> FindMissingOf16384Chunks() =>
        await _catalogue.Chunks.FindMissingAsync(DedupDomain.Shared, _hashes, _missing);

    [Benchmark]
    public async Task<bool> Find16384Chunks()
    {
        await _catalogue.Chunks.FindAsync(DedupDomain.Shared, _hashes, _locations);
        return _locations[0].IsKnown;
    }

    [Benchmark]
    public async Task<long> AddPackOf4000Chunks()
    {
        var pack = _packs++;
        var frames = Enumerable.Range(0, 500).Select(frame => new PackFrame(
            8 + (frame * 30_000),
            30_000,
            65_536,
            [.. Enumerable.Range(0, 8).Select(i => Chunk((pack * 4000) + (frame * 8) + i))]));
        var contents = new PackContents(Digest.Of(BitConverter.GetBytes(-pack)), PackWriter.AimBytes, [.. frames]);
        return (await _catalogue.Chunks.AddPackAsync(contents, Guid.NewGuid())).Chunks;
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await _catalogue.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private static ChunkRef Chunk(int number) => new(Digest.Of(BitConverter.GetBytes(number)), 8192);
}
