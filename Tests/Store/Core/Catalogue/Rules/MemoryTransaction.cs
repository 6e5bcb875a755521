using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Catalogue;

/// <summary>The state of a catalogue in memory: what rules are tested on.</summary>
internal sealed class MemoryTransaction : ICommitTransaction, ILeaseTransaction, IProductTransaction, IDeviceTransaction
{
    private readonly Dictionary<Digest, IndexedChunk> _chunks = [];

    public List<ProductRecord> Products { get; } = [];

    public List<PublishLease> Leases { get; } = [];

    public Dictionary<Digest, (NewRelease Release, ReleaseFigures? Figures)> Releases { get; } = [];

    public List<NewPointer> Pointers { get; } = [];

    public HashSet<Digest> Recipes { get; } = [];

    public List<KnownFile> Files { get; } = [];

    public Dictionary<string, HashSet<long>> ProductChunks { get; } = [];

    public (long PlainBytes, long StoredBytes) Growth { get; private set; }

    public List<TokenRecord> Tokens { get; } = [];

    public List<DeviceRecord> Devices { get; } = [];

    public List<DeviceReport> Reports { get; } = [];

    public void AddChunk(ChunkRef chunk, int plainOffset, int frameStoredBytes, int framePlainBytes) => _chunks.Add(
        chunk.Hash,
        new IndexedChunk(_chunks.Count, chunk.Length, plainOffset, frameStoredBytes, framePlainBytes, false));

    public bool HasProduct(string name) => FindProduct(name) is not null;

    public (string Product, string Platform)? FindLine(Digest manifest) =>
        Releases.TryGetValue(manifest, out var known) ? (known.Release.Product, known.Release.Platform) : null;

    public PublishLease? FindLease(Guid publish) => Leases.Find(lease => lease.Id == publish);

    public void RemoveLeases(DateTimeOffset endedAt) => Leases.RemoveAll(lease => lease.Expires <= endedAt);

    public void AddLease(PublishLease lease) => Leases.Add(lease);

    public (ulong Seq, Digest Digest)? FindPointer(string product, string platform, string channel) =>
        Pointers.FindLast(
            pointer => (pointer.Product, pointer.Platform, pointer.Channel) == (product, platform, channel))
            is { } last ? (last.Seq, last.Digest) : null;

    public void PutPointer(NewPointer pointer) => Pointers.Add(pointer);

    public ReleaseFigures? FindFigures(Digest manifest) =>
        Releases.TryGetValue(manifest, out var known) ? known.Figures : null;

    public bool HasVersion(string product, string platform, string version) => Releases.Values.Any(known =>
        (known.Release.Product, known.Release.Platform, known.Release.Version) == (product, platform, version));

    public ulong? FindHighestCounter(string product, string platform) => Releases.Values
        .Where(known => (known.Release.Product, known.Release.Platform) == (product, platform))
        .Max(known => (ulong?)known.Release.Counter);

    public IReadOnlyList<string> ListChannelVersions(string product, string platform, string channel) =>
    [
        .. Pointers
            .Where(pointer => (pointer.Product, pointer.Platform, pointer.Channel) == (product, platform, channel))
            .Select(pointer => Releases[pointer.Current].Release.Version),
    ];

    public Digest? FindMissingRecipe(IReadOnlyList<Digest> recipes)
    {
        var missing = recipes.Where(recipe => !Recipes.Contains(recipe)).ToList();
        return missing.Count > 0 ? missing[0] : null;
    }

    public IReadOnlyList<IndexedChunk?> FindChunks(IReadOnlyList<ChunkRef> chunks) =>
    [
        .. chunks.Select(chunk => _chunks.TryGetValue(chunk.Hash, out var known) ? known : (IndexedChunk?)null),
    ];

    public void AddRelease(NewRelease release) => Releases.Add(release.Manifest, (release, null));

    public void AddFiles(string product, IReadOnlyCollection<KnownFile> files) => Files.AddRange(files);

    public void SetFirstRelease(Digest manifest, IReadOnlyList<IndexedChunk> chunks)
    {
        foreach (var chunk in chunks)
        {
            var hash = _chunks.First(known => known.Value.Row == chunk.Row).Key;
            _chunks[hash] = chunk with { HasRelease = true };
        }
    }

    public IReadOnlyList<IndexedChunk> AddProductChunks(string product, IReadOnlyList<IndexedChunk> chunks)
    {
        if (!ProductChunks.TryGetValue(product, out var known))
            ProductChunks.Add(product, known = []);
        return [.. chunks.Where(chunk => known.Add(chunk.Row))];
    }

    public void GrowProduct(string product, long plainBytes, long storedBytes) =>
        Growth = (Growth.PlainBytes + plainBytes, Growth.StoredBytes + storedBytes);

    public void SetFigures(Digest manifest, ReleaseFigures figures) =>
        Releases[manifest] = (Releases[manifest].Release, figures);

    public ProductRecord? FindProduct(string name) => Products.Find(product => product.Name == name);

    public void AddProduct(string name, CutParameters cut, RootRecord firstRoot) =>
        Products.Add(new ProductRecord(name, cut, firstRoot.Digest, firstRoot, 0));

    public void AddToken(TokenRecord token) => Tokens.Add(token);

    public bool RevokeToken(string id) => Change(id, token => token with { IsRevoked = true });

    public TokenRecord? FindToken(string id) => Tokens.Find(token => token.Id == id);

    public DeviceRecord? FindDevice(string tokenId, ReadOnlyMemory<byte> publicKey) => Devices.Find(device =>
        device.TokenId == tokenId && device.PublicKey.Span.SequenceEqual(publicKey.Span));

    public void AddDevice(DeviceRecord device) => Devices.Add(device);

    public void CountUse(string tokenId) => _ = Change(tokenId, token => token with { Used = token.Used + 1 });

    public bool HasDevice(string id) => Devices.Exists(device => device.Id == id);

    public void PutReport(DeviceReport report)
    {
        _ = Reports.RemoveAll(known => known.DeviceId == report.DeviceId);
        Reports.Add(report);
    }

    private bool Change(string id, Func<TokenRecord, TokenRecord> change)
    {
        var index = Tokens.FindIndex(token => token.Id == id);
        if (index < 0) return false;
        Tokens[index] = change(Tokens[index]);
        return true;
    }
}
