using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Model;

/// <summary>A store, what it must hold, and workers that publish, delete, collect and die on it.</summary>
/// <remarks>
/// After each round <see cref="StoreInvariants"/> are checked. That a publish never lacks what it was told is there
/// (I6) is the commit's to check, and that nothing acknowledged is lost (I8) is what the model remembers.
/// </remarks>
internal sealed class StoreModel : IAsyncDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    private readonly IModelBackend _backend;
    private readonly ManualTime _clock = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly Lock _lock = new();
    private readonly List<ModelRelease> _releases = [];
    private readonly Random _random;
    private readonly ModelWorker[] _workers;
    private CancellationTokenSource _death = new();
    private CrashingObjectStore? _objects;
    private ICatalogue? _catalogue;
    private long _counter;
    private long _seq;

    public StoreModel(IModelBackend backend, int seed)
    {
        _backend = backend;
        _random = new Random(seed);
        _workers = [.. Enumerable.Range(0, _random.Next(2, 9)).Select(i => new ModelWorker(this, i, seed + i))];
    }

    public IReadOnlyList<string> Products { get; } = ["one", "two"];

    public PackWriterPool Writers { get; } = new(8, 8, TimeProvider.System);

    public ICatalogue Catalogue => _catalogue!;

    public IPrunableObjectStore Objects => _objects!;

    public Collector Collector => new(
        Catalogue, Objects,
        new CollectionOptions { Grace = Grace, OrphanGrace = Grace, CompactBelowPercent = 60 }, _clock);

    private StoreInvariants Invariants => new(Catalogue, Objects, _backend.SelectAsync);

    /// <summary>The number of processes that died.</summary>
    public int Incarnation { get; private set; }

    public ulong NextCounter() => (ulong)Interlocked.Increment(ref _counter);

    public void Advance(TimeSpan by)
    {
        lock (_lock) _clock.Advance(by);
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
        await OpenAsync();
        foreach (var product in Products)
            await ModelPublisher.CreateAsync(Catalogue, product);

        for (var done = 0; done < operations;)
        {
            var each = _random.Next(4, 40);
            var dies = _random.Next(3) == 0;
            if (dies) _objects!.DieAfter(_random.Next(1, 60));
            await RunRoundAsync(each);
            done += each * _workers.Length;
            if (dies || _death.IsCancellationRequested) await RestartAsync();
            await CheckAsync();
        }

        await CheckNothingIsLeftOverAsync();
    }

    /// <summary>Reads everything of a release as a device would.</summary>
    /// <returns>The first fault; null when all is there.</returns>
    public Task<string?> FindFaultAsync(ModelRelease release, CancellationToken cancellationToken) =>
        Invariants.FindFaultAsync(release.Manifest, release.Files, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_catalogue is not null) await _catalogue.DisposeAsync();
        foreach (var worker in _workers) worker.Dispose();
        Writers.Dispose();
        _death.Dispose();
    }

    private async Task OpenAsync()
    {
        _death.Dispose();
        _death = new CancellationTokenSource();
        _objects = new CrashingObjectStore(await _backend.OpenObjectsAsync(), _death);
        _catalogue = await _backend.OpenCatalogueAsync(_clock);
    }

    private async Task RunRoundAsync(int operations)
    {
        var running = _workers.Select(worker => Task.Run(() => worker.RunAsync(operations, _death.Token))).ToList();
        foreach (var worker in running)
        {
            try
            {
                await worker;
            }
            catch (OperationCanceledException) when (_death.IsCancellationRequested)
            {
                // The process died in the middle of it.
                continue;
            }
        }
    }

    /// <summary>Opens the store again, as the next process does, and learns what became of the calls that never
    /// returned.</summary>
    private async Task RestartAsync()
    {
        await Catalogue.DisposeAsync();
        Incarnation++;
        foreach (var worker in _workers) worker.Die();
        await OpenAsync();
        // The lease of a collection that died.
        Advance(ICollectionCatalogue.Lease);
        foreach (var release in _releases.Where(release => release.IsVisible is null))
            release.IsVisible = await Catalogue.Releases.FindReleaseAsync(release.Manifest) is not null;
    }

    private async Task CheckAsync()
    {
        foreach (var release in _releases.Where(release => release.IsVisible is null))
            release.IsVisible = await Catalogue.Releases.FindReleaseAsync(release.Manifest) is not null;
        foreach (var release in _releases)
        {
            var found = await Catalogue.Releases.FindReleaseAsync(release.Manifest);
            Assert.True(
                release.IsVisible == found is not null, $"{release.Version} should be visible: {release.IsVisible}");
        }

        foreach (var product in Products)
        {
            foreach (var use in await Catalogue.Retention.ListAsync(product, DateTimeOffset.UnixEpoch))
            {
                var trashed = _releases.Find(release => release.Manifest == use.Manifest);
                Assert.Null(await FindFaultAsync(Assert.IsType<ModelRelease>(trashed), CancellationToken.None));
            }
        }

        await Invariants.CheckRowsAsync();
    }

    /// <summary>When every publish has ended, two collections leave nothing that no release has.</summary>
    private async Task CheckNothingIsLeftOverAsync()
    {
        await RestartAsync();
        for (var i = 0; i < 3; i++)
        {
            Advance(IPublishLeases.Lifetime + Grace);
            Assert.NotNull(await Collector.RunAsync(new Progress<CollectionProgress>(), CancellationToken.None));
        }

        await CheckAsync();
        var visible = _releases.Where(release => release.IsVisible == true).ToList();
        Assert.Equal(
            visible.SelectMany(release => release.Files).SelectMany(file => file.Chunks).Select(chunk => chunk.Hash)
                .Distinct().Order(),
            (await _backend.SelectAsync("SELECT hash FROM chunks")).Order());
        await Invariants.CheckObjectsAsync();
    }
}
