using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Server.Calls;
using ChunkOta.Tests.Support;
using Google.Protobuf;
using ServerStore = ChunkOta.Storage.Store;

namespace ChunkOta.Tests.Store.Scrubbing;

/// <summary>A store in a folder and a publisher that does what ota-admin does.</summary>
internal sealed class StoreBench : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestKeys _keys = new();
    private readonly Dictionary<string, (Tree Tree, byte[] Envelope)> _published = [];

    private StoreBench(TimeProvider clock, bool hasReplica)
    {
        Objects = FileObjectStore.Open(_folder["objects"]);
        Directory.CreateDirectory(_folder["scratch"]);
        Catalogue = SqliteCatalogue.Open(_folder["catalogue.db"], clock);
        Store = new ServerStore(Catalogue, Objects, new StoreOptions
        {
            ScratchFolder = _folder["scratch"],
            ScrubBytesPerSecond = 1L << 40,
            Replica = hasReplica ? FileObjectStore.OpenReader(ReplicaFolder) : null,
        });
    }

    /// <summary>The trust root of the product.</summary>
    public VerifiedRoot Root => VerifiedRoot.SelfSigned(_keys.Root);

    public ICatalogue Catalogue { get; }

    public FileObjectStore Objects { get; }

    public ServerStore Store { get; }

    /// <summary>The versions that were published, in order.</summary>
    public IReadOnlyList<string> Versions => [.. _published.Keys];

    /// <summary>A second copy of the objects, which a test fills.</summary>
    public string ReplicaFolder => _folder["replica"];

    public string ObjectsFolder => _folder["objects"];

    public static async Task<StoreBench> CreateAsync(
        TimeProvider? clock = null, bool hasReplica = false, bool isIsolated = false)
    {
        var bench = new StoreBench(clock ?? TimeProvider.System, hasReplica);
        var root = bench.Root;
        await bench.Catalogue.Identities.CreateProductAsync(new NewProduct(
            "tool", null, new RootRecord(root.Version, root.Digest, root.Expires, root.Envelope.ToByteArray()))
        {
            Domain = isIsolated ? DedupDomain.Create("tool") : DedupDomain.Shared,
        });
        return bench;
    }

    /// <summary>Publishes a tree, or the same release once more; tries again when the store lacks something.</summary>
    public async Task PublishAsync(string version, Tree? tree = null)
    {
        if (tree is not null) _published[version] = (tree, Sign(version, tree));
        try
        {
            await TryPublishAsync(version);
        }
        catch (ChunkOtaException failure) when (failure.Code == ErrorCodes.ReleaseIncomplete)
        {
            await TryPublishAsync(version);
        }
    }

    /// <summary>Sends what the store says it lacks, and commits.</summary>
    public async Task TryPublishAsync(string version)
    {
        var (lease, envelope) = await SendAsync(version);
        await Store.Publishing.Committer.CommitAsync(lease, envelope, null, default);
    }

    /// <summary>Sends what the store says it lacks of a tree, or of a release that was sent before.</summary>
    public async Task<(PublishLease Lease, byte[] Envelope)> SendAsync(string version, Tree? newTree = null)
    {
        if (newTree is not null) _published[version] = (newTree, Sign(version, newTree));
        var (tree, envelope) = _published[version];
        var lease = await Catalogue.Publishes.BeginAsync(new NewPublish
        {
            Product = "tool",
            Platform = "any",
            Version = version,
            Channel = "stable",
            Allowances = Allowances.Older | Allowances.Shrink | Allowances.NewChannel | Allowances.NewPlatform,
        });
        var files = tree.Files.Where(file => file.Content.Length > 0).ToList();
        var known = await Store.Publishing.Files.FindAsync(
            "tool", [.. files.Select(file => file.Entry.Digest.ToDigest())], default);
        var sent = files.Where((_, index) => known[index] is null).ToList();
        var chunks = sent.SelectMany(file => file.Chunks).DistinctBy(chunk => chunk.Hash).ToList();
        var missing = new byte[(chunks.Count + 7) / 8];
        await Catalogue.Chunks.FindMissingAsync(
            lease.Domain, chunks.Select(chunk => chunk.Hash).ToArray(), missing, default);
        await using (var intake = Store.Publishing.OpenFrames(lease, "bench"))
        {
            using var encoder = new ZstdEncoder(1);
            foreach (var group in Frames.Group(
                chunks.Where((_, index) => (missing[index / 8] & (1 << (index % 8))) != 0)))
            {
                var (frame, lengths) = Frames.Encode(group, encoder);
                await intake.AddAsync(frame, lengths, default);
            }

            await intake.FinishAsync(default);
        }

        var recipes = Store.Publishing.OpenRecipes(lease);
        foreach (var recipe in sent.Select(file => file.Recipe).OfType<Recipe>())
            await recipes.AddAsync(recipe.ToBytes(), ends: true, default);
        await recipes.FinishAsync(default);
        return (lease, envelope);
    }

    public async Task<FinishedPass> ScrubAsync(ScrubDepth depth) =>
        await Store.Scrubbing.Scrubber.RunAsync(depth, default) ?? throw new InvalidOperationException("It is held.");

    public async Task<IReadOnlyList<AffectedRelease>> FindAffectedAsync()
    {
        List<AffectedRelease> found = [];
        await foreach (var affected in Store.Scrubbing.Affected.FindAsync(null, default)) found.Add(affected);
        return found;
    }

    /// <summary>The files of the objects of a kind that the catalogue needs.</summary>
    public async Task<IReadOnlyList<string>> FilesAsync(ObjectKind kind) =>
    [
        .. (await Catalogue.Damage.ListObjectsAsync(kind, default, int.MaxValue))
            .Select(listed => Path.Combine(_folder["objects"], listed.Name.ToString())),
    ];

    public async ValueTask DisposeAsync()
    {
        Store.Dispose();
        await Catalogue.DisposeAsync();
        _keys.Dispose();
        _folder.Dispose();
    }

    private byte[] Sign(string version, Tree tree)
    {
        var manifest = new Manifest
        {
            Product = "tool",
            Platform = "any",
            Version = version,
            Counter = (ulong)_published.Count + 1,
            PublishedUnixSeconds = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
            Cut = CutParameters.Default.ToDocument(),
            Portable = true,
            Entries = { tree.Files.Select(file => file.Entry) },
        };
        return SignedDocument.Sign(PayloadTypes.Manifest, manifest.ToByteArray(), _keys.ReleaseKey).ToByteArray();
    }
}
