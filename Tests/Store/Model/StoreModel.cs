using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Store.Model.Backends;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Model;

/// <summary>A store, what it must hold, and workers on one or more servers that publish, delete, collect and die on
/// it.</summary>
/// <remarks>
/// After each round <see cref="StoreInvariants"/> are checked. That a publish never lacks what it was told is there
/// (I6) is the commit's to check, and that nothing acknowledged is lost (I8) is what the model remembers.
/// </remarks>
internal sealed class StoreModel : IAsyncDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    /// <summary>The product that shares no content with the others.</summary>
    private const string Isolated = "apart";

    private readonly ModelBackend _backend;
    private readonly ManualTime _clock = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly Lock _lock = new();
    private readonly List<ModelRelease> _releases = [];
    private readonly Random _random;
    private readonly ModelWorker[] _workers;
    private readonly List<ModelServer> _servers = [];
    private int _holds;
    private long _counter;
    private long _seq;

    public StoreModel(ModelBackend backend, int seed)
    {
        _backend = backend;
        _random = new Random(seed);
        _workers = [.. Enumerable.Range(0, _random.Next(2, 9)).Select(i => new ModelWorker(this, i, seed + i))];
    }

    public IReadOnlyList<string> Products { get; } = ["one", "two", Isolated];

    /// <summary>The processes on the store.</summary>
    public IReadOnlyList<ModelServer> Servers => _servers;

    /// <summary>In this round the database is killed.</summary>
    public bool IsDatabaseDying { get; private set; }

    private ICatalogue Catalogue => _servers[0].Catalogue;

    public ulong NextCounter() => (ulong)Interlocked.Increment(ref _counter);

    public void Advance(TimeSpan by)
    {
        lock (_lock)
        {
            if (_holds == 0) _clock.Advance(by);
        }
    }

    /// <summary>Adds to the number of those for whom the clock stands.</summary>
    public void HoldClock(int more)
    {
        lock (_lock) _holds += more;
    }

    public ModelRelease Add(ModelRelease release)
    {
        lock (_lock) _releases.Add(release);
        return release;
    }

    public void Remove(ModelRelease release)
    {
        lock (_lock) _releases.Remove(release);
    }

    /// <summary>Any release that is known to be visible, or not to be.</summary>
    /// <param name="random">Chooses it.</param>
    /// <param name="isVisible">What is known of it.</param>
    /// <param name="isChanging">From now on nothing is known of it.</param>
    public ModelRelease? Pick(Random random, bool isVisible, bool isChanging)
    {
        lock (_lock)
        {
            List<ModelRelease> fitting = [.. _releases.Where(release => release.IsVisible == isVisible)];
            if (fitting.Count == 0) return null;
            var picked = fitting[random.Next(fitting.Count)];
            if (isChanging) picked.IsVisible = null;
            return picked;
        }
    }

    public NewPointer PointTo(NewRelease release)
    {
        var seq = (ulong)Interlocked.Increment(ref _seq);
        return new NewPointer
        {
            Product = release.Product,
            Platform = "any",
            Channel = "stable",
            Seq = seq,
            Digest = Digest.Of(BitConverter.GetBytes(seq)),
            Current = release.Manifest,
            Counter = release.Counter,
            Issued = DateTimeOffset.UnixEpoch,
            Expires = DateTimeOffset.FromUnixTimeSeconds(4_000_000_000),
            Envelope = new byte[1],
        };
    }

    /// <summary>Runs rounds of operations, a third of which end in a crash, and checks the store after each.</summary>
    public async Task RunAsync(int operations)
    {
        for (var i = 0; i < _backend.Catalogue.Servers; i++) _servers.Add(await OpenAsync());
        foreach (var product in Products)
            await ModelPublisher.CreateAsync(Catalogue, product, isIsolated: product == Isolated);

        for (var done = 0; done < operations;)
        {
            var each = _random.Next(4, 40);
            await RunRoundAsync(each);
            done += each * _workers.Length;
            await CheckAsync();
        }

        await CheckNothingIsLeftOverAsync();
    }

    /// <summary>Reads everything of a release as a device would.</summary>
    /// <returns>The first fault; null when all is there.</returns>
    public Task<string?> FindFaultAsync(
        ModelServer server, ModelRelease release, CancellationToken cancellationToken) =>
        InvariantsOf(server.Catalogue, server.Objects)
            .FindFaultAsync(DomainOf(release.Product), release.Manifest, release.Files, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
        foreach (var worker in _workers) worker.Dispose();
    }

    private static DedupDomain DomainOf(string product) =>
        product == Isolated ? TestDomain.Of(product) : DedupDomain.Shared;

    private async Task<ModelServer> OpenAsync() => new(
        await _backend.Catalogue.OpenAsync(_clock), await _backend.Objects.OpenAsync(), _clock, Grace);

    private StoreInvariants InvariantsOf(ICatalogue catalogue, IObjectReader objects) =>
        new(catalogue, objects, _backend.Catalogue.SelectAsync);

    /// <summary>Lets all workers together do this many operations. In a third of the rounds a server dies, and in some
    /// the database.</summary>
    private async Task RunRoundAsync(int operations)
    {
        if (_random.Next(3) == 0) _servers[_random.Next(_servers.Count)].DieAfter(_random.Next(1, 60));
        IsDatabaseDying = _random.Next(8) == 0;
        var running = _workers.Select(worker => Task.Run(() => worker.RunAsync(operations))).ToList();
        if (IsDatabaseDying)
        {
            await Task.Delay(_random.Next(200));
            await _backend.Catalogue.KillAsync();
        }

        await Task.WhenAll(running);
        IsDatabaseDying = false;
        for (var i = 0; i < _servers.Count; i++)
        {
            if (_servers[i].Death.IsCancellationRequested) await RestartAsync(i);
        }
    }

    /// <summary>Opens the store again, as the next process does.</summary>
    private async Task RestartAsync(int server)
    {
        await _servers[server].DisposeAsync();
        _servers[server] = await OpenAsync();
        // The lease of a collection that died.
        Advance(ICollectionCatalogue.Lease);
    }

    private async Task CheckAsync()
    {
        var invariants = InvariantsOf(Catalogue, new ObjectSnapshot(_backend.Objects.Truth));
        foreach (var release in _releases)
        {
            var isThere = await Catalogue.Releases.FindReleaseAsync(release.Manifest) is not null;
            // What became of a call that never returned is learned here.
            release.IsVisible ??= isThere;
            Assert.True(
                release.IsVisible == isThere, $"{release.Version} should be visible: {release.IsVisible}");
        }

        foreach (var product in Products)
        {
            foreach (var use in await Catalogue.Retention.ListAsync(product, DateTimeOffset.UnixEpoch))
            {
                var trashed = _releases.Find(release => release.Manifest == use.Manifest);
                Assert.NotNull(trashed);
                Assert.Null(await invariants.FindFaultAsync(
                    DomainOf(product), trashed.Manifest, trashed.Files, CancellationToken.None));
            }
        }

        await invariants.CheckRowsAsync();
        await invariants.CheckDomainsAsync();
    }

    /// <summary>When every publish has ended, two collections leave nothing that no release has.</summary>
    private async Task CheckNothingIsLeftOverAsync()
    {
        await _backend.Objects.CalmAsync();
        for (var i = 0; i < _servers.Count; i++) await RestartAsync(i);
        for (var i = 0; i < 3; i++)
        {
            Advance(IPublishLeases.Lifetime + Grace);
            Assert.NotNull(
                await _servers[0].Collector.RunAsync(new Progress<CollectionProgress>(), CancellationToken.None));
        }

        await CheckAsync();
        var visible = _releases.Where(release => release.IsVisible == true).ToList();
        Assert.Equal(
            visible.SelectMany(release => release.Files.SelectMany(file => file.Chunks)
                .Select(chunk => DomainOf(release.Product).NameOf(chunk.Hash))).Distinct().Order(),
            (await _backend.Catalogue.SelectAsync("SELECT hash FROM chunks")).Order());
        await InvariantsOf(Catalogue, _backend.Objects.Truth).CheckObjectsAsync();
        await CheckObjectsSufficeAsync(visible);
    }

    /// <summary>The objects alone tell where the chunks of all releases are (I4).</summary>
    private async Task CheckObjectsSufficeAsync(List<ModelRelease> visible)
    {
        using var folder = new ModelFolder();
        await using var rebuilt = SqliteCatalogue.Open(Path.Combine(folder.Path, "catalogue.db"), _clock);
        foreach (var product in Products)
            await ModelPublisher.CreateAsync(rebuilt, product, isIsolated: product == Isolated);
        var objects = new ObjectSnapshot(_backend.Objects.Truth);
        await foreach (var pack in objects.ListAsync(ObjectKind.Pack))
        {
            _ = await rebuilt.Chunks.AddPackAsync(
                await PackReader.ReadContentsAsync(objects, pack.Digest, CancellationToken.None), Guid.Empty);
        }

        foreach (var release in visible)
        {
            Assert.Null(await InvariantsOf(rebuilt, objects)
                .FindFaultAsync(DomainOf(release.Product), release.Manifest, release.Files, CancellationToken.None));
        }
    }
}
