using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Catalogue;

/// <summary>The state of a catalogue in memory: what rules are tested on.</summary>
internal sealed class MemoryTransaction :
    ICommitTransaction, ILeaseTransaction, IProductTransaction, IDeviceTransaction, IDeltaJobTransaction
{
    private readonly Dictionary<Digest, IndexedChunk> _chunks = [];

    public List<ProductRecord> Products { get; } = [];

    public List<PublishLease> Leases { get; } = [];

    public Dictionary<Digest, (NewRelease Release, ReleaseFigures? Figures)> Releases { get; } = [];

    public List<NewPointer> Pointers { get; } = [];

    public HashSet<(string Product, string Platform, string Channel)> Deleted { get; } = [];

    public List<(string Product, string Platform, Digest Manifest, string Reason)> Withdrawals { get; } = [];

    public HashSet<Digest> Recipes { get; } = [];

    public List<Guid> Settled { get; } = [];

    public HashSet<Digest> Condemned { get; } = [];

    public HashSet<long> CondemnedChunks { get; } = [];

    public List<KnownFile> Files { get; } = [];

    public Dictionary<string, HashSet<long>> ProductChunks { get; } = [];

    public (long PlainBytes, long StoredBytes) Growth { get; private set; }

    /// <summary>Bytes that each publish has brought and no release counts.</summary>
    public Dictionary<Guid, long> Pending { get; } = [];

    public long? Quota { get; private set; }

    public List<TokenRecord> Tokens { get; } = [];

    public List<DeviceRecord> Devices { get; } = [];

    public List<DeviceReport> Reports { get; } = [];

    public List<(DeltaPair Pair, BuildOutcome Delta)> Built { get; } = [];

    public List<(DeltaPair Pair, DeltaQuality Quality, JobState Job)> Jobs { get; } = [];

    public void AddChunk(ChunkRef chunk, int plainOffset, int frameStoredBytes, int framePlainBytes) => _chunks.Add(
        chunk.Hash,
        new IndexedChunk(_chunks.Count, chunk.Length, plainOffset, frameStoredBytes, framePlainBytes, false));

    public bool HasProduct(string name) => FindProduct(name) is not null;

    public (string Product, string Platform)? FindLine(Digest manifest) =>
        Releases.TryGetValue(manifest, out var known) ? (known.Release.Product, known.Release.Platform) : null;

    public IReadOnlyList<string> ListChannels(string product) =>
        [.. ListLiveChannels(product).Select(known => known.Channel).Distinct().Order()];

    public IReadOnlyList<string> ListPlatforms(string product) =>
        [.. Releases.Values.Select(known => known.Release).Where(release => release.Product == product)
            .Select(release => release.Platform).Distinct().Order()];

    public ProductUse FindUse(string product) => new(product, Quota, Growth.StoredBytes, Pending.Values.Sum());

    public void SetQuota(string product, long? bytes) => Quota = bytes;

    public void SettleUpload(Guid publish) => Pending.Remove(publish);

    public ReleaseSize? FindPreviousSize(string product, string platform, string channel)
    {
        var current = Pointers.FindLast(pointer =>
            (pointer.Product, pointer.Platform, pointer.Channel) == (product, platform, channel))?.Current;
        var previous = Releases.Values.Select(known => known.Release)
            .Where(release => current is { } manifest
                ? release.Manifest == manifest
                : (release.Product, release.Platform) == (product, platform))
            .MaxBy(release => release.Counter);
        return previous is null ? null : new ReleaseSize(previous.FileCount, previous.LogicalBytes);
    }

    public DedupDomain GetDomain(string product) => FindProduct(product)!.Domain;

    public PublishLease? FindLease(Guid publish) => Leases.Find(lease => lease.Id == publish);

    public void SettleLease(Guid publish) => Settled.Add(publish);

    public void RemoveLeases(DateTimeOffset endedAt, DateTimeOffset abandonedAt) => Leases.RemoveAll(lease =>
        lease.Expires <= endedAt && (Pending.GetValueOrDefault(lease.Id) == 0 || lease.Expires <= abandonedAt));

    public void AddLease(PublishLease lease) => Leases.Add(lease);

    public LastPointer? FindPointer(string product, string platform, string channel) =>
        Pointers.FindLast(
            pointer => (pointer.Product, pointer.Platform, pointer.Channel) == (product, platform, channel))
            is { } last ? new LastPointer(last.Seq, last.Digest, last.Counter) : null;

    public IReadOnlyList<(string Platform, string Channel)> ListLiveChannels(string product) =>
    [
        .. Pointers.Where(pointer => pointer.Product == product)
            .Select(pointer => (pointer.Platform, pointer.Channel)).Distinct()
            .Where(channel => !Deleted.Contains((product, channel.Platform, channel.Channel))),
    ];

    public void PutPointer(NewPointer pointer)
    {
        Pointers.Add(pointer);
        Deleted.Remove((pointer.Product, pointer.Platform, pointer.Channel));
    }

    public IReadOnlyList<Digest> ListWithdrawn(string product, string platform) =>
    [
        .. Withdrawals.Where(known => (known.Product, known.Platform) == (product, platform))
            .Select(known => known.Manifest),
    ];

    public void AddWithdrawal(string product, string platform, Digest manifest, string reason) =>
        Withdrawals.Add((product, platform, manifest, reason));

    public void RemoveWithdrawal(string product, string platform, Digest manifest) =>
        Withdrawals.RemoveAll(known =>
            (known.Product, known.Platform, known.Manifest) == (product, platform, manifest));

    public long CountFollowers(string product, string platform, string channel) => Devices.Count(device =>
        (device.Product, device.Platform, device.Channel) == (product, platform, channel));

    public void DeleteChannel(string product, string platform, string channel) =>
        Deleted.Add((product, platform, channel));

    public ReleaseFigures? FindFigures(Digest manifest) =>
        Releases.TryGetValue(manifest, out var known) ? known.Figures : null;

    public bool HasVersion(string product, string platform, string version) => Releases.Values.Any(known =>
        (known.Release.Product, known.Release.Platform, known.Release.Version) == (product, platform, version));

    public ulong LeastNumber { get; set; }

    public ulong ReadLeastNumber() => LeastNumber;

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

    public void TakeBackRecipes(IReadOnlyList<Digest> recipes) => Condemned.ExceptWith(recipes);

    public void TakeBackChunks(IReadOnlyList<IndexedChunk> chunks) =>
        CondemnedChunks.ExceptWith(chunks.Select(chunk => chunk.Row));

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

    public void AddProduct(string name, CutParameters cut, RootRecord firstRoot, DedupDomain domain) =>
        Products.Add(new ProductRecord(name, cut, firstRoot.Digest, firstRoot, 0) { Domain = domain });

    public void AddRoot(string product, RootRecord root) =>
        Products[Products.FindIndex(of => of.Name == product)] = FindProduct(product)! with { Root = root };

    public void AddToken(TokenRecord token) => Tokens.Add(token);

    public bool RevokeToken(string id) => Change(id, token => token with { IsRevoked = true });

    public bool HasAdminToken(DateTimeOffset now) => Tokens.Exists(token =>
        token is { Role: AccessRole.Admin, IsRevoked: false } && !(token.Expires <= now));

    public TokenRecord? FindToken(string id) => Tokens.Find(token => token.Id == id);

    public DeviceRecord? FindDevice(string tokenId, ReadOnlyMemory<byte> publicKey) => Devices.Find(device =>
        device.TokenId == tokenId && device.PublicKey.Span.SequenceEqual(publicKey.Span));

    public void AddDevice(DeviceRecord device) => Devices.Add(device);

    public void CountUse(string tokenId) => _ = Change(tokenId, token => token with { Used = token.Used + 1 });

    public IReadOnlyList<BuildOutcome> ListBuilt(DeltaPair pair) =>
        [.. Built.Where(built => built.Pair == pair).Select(built => built.Delta)];

    public JobState? FindJob(DeltaPair pair, DeltaQuality quality) =>
        Jobs.Find(known => (known.Pair, known.Quality) == (pair, quality)).Job;

    public JobState? FindJob(long id) => Jobs.Find(known => known.Job.Id == id).Job;

    public JobState? FindFirstJob(int attemptsBelow, DateTimeOffset now, DeltaQuality atMost) =>
        Jobs.Where(known => known.Quality <= atMost && known.Job.Attempts < attemptsBelow && known.Job.Due <= now
                && !(known.Job.LeasedUntil > now))
            .Select(known => known.Job).OrderByDescending(job => job.Priority).ThenBy(job => job.Id).FirstOrDefault();

    public void AddJob(DeltaPair pair, DeltaQuality quality, DateTimeOffset queued, JobState job) =>
        Jobs.Add((pair, quality, job with { Id = Jobs.Count + 1 }));

    public void PutJob(JobState job)
    {
        var index = Jobs.FindIndex(known => known.Job.Id == job.Id);
        Jobs[index] = Jobs[index] with { Job = job };
    }

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
