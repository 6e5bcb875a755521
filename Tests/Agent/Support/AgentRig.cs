using ChunkOta.Agent;
using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Support;

/// <summary>A device in a temporary folder, a publisher and a source:
/// everything of an update but the network.</summary>
internal sealed class AgentRig : IDisposable
{
    private const string Server = "https://ota.example.org";
    private readonly TemporaryFolder? _folder;

    public AgentRig()
    {
        _folder = new TemporaryFolder();
        Folder = _folder.Path;
        Clock = new TestClock();
        Publisher = new TestPublisher(Clock);
        Source = new MemorySource(Publisher);
        Home = new AgentHome(_folder["home"]);
        Local = new LocalProduct(Home.Of("editor"), Clock);
        Activation = new SymlinkActivation(Product);
        TrustStore = new TrustStore(Home, Clock);
        Make();
    }

    /// <summary>Another device of the same publisher and server; nothing is made or read yet.</summary>
    /// <param name="like">A rig that outlives this one.</param>
    /// <param name="folder">The folder of the device; the caller's.</param>
    public AgentRig(AgentRig like, string folder)
    {
        Folder = folder;
        Clock = like.Clock;
        Publisher = like.Publisher;
        Source = like.Source;
        Home = new AgentHome(Path.Combine(folder, "home"));
        Local = new LocalProduct(Home.Of("editor"), Clock);
        Activation = new SymlinkActivation(Product);
        TrustStore = new TrustStore(Home, Clock);
    }

    public TestClock Clock { get; }

    /// <summary>When the agent was built; long before all that happens here unless a test says otherwise.</summary>
    public DateTimeOffset BuildTime { get; set; } = DateTimeOffset.UnixEpoch;

    public TestPublisher Publisher { get; }

    public MemorySource Source { get; }

    public AgentHome Home { get; }

    /// <summary>The product's parts, as a run of the engine has them.</summary>
    public LocalProduct Local { get; }

    public ProductHome Product => Local.Home;

    public TrustStore TrustStore { get; }

    public StateStore States => Local.States;

    public SymlinkActivation Activation { get; }

    public string Folder { get; }

    public string Current => Product.CurrentLink;

    /// <summary>The names of the installed trees, sorted.</summary>
    public IEnumerable<string?> InstalledVersions =>
        Directory.GetDirectories(Product.Releases).Select(Path.GetFileName).Order();

    public UpdateAgent Installed => new(
        new AgentOptions
        {
            Home = Home.Root,
            BuildTime = BuildTime,
            Products = new Dictionary<string, ProductPolicy> { ["editor"] = Policy },
        },
        Clock);

    /// <summary>What is held true now; a freshly enrolled device's where nothing is.</summary>
    public TrustRecord Trust => TrustStore.Load().Find(Server, "editor") ?? new TrustRecord
    {
        Server = Server,
        Product = "editor",
        DeviceId = "device-1",
        Channel = "stable",
        PinnedRoot = Publisher.FirstRootDigest,
    };

    /// <summary>Told the progress of updates.</summary>
    public IProgress<UpdateProgress>? Progress { get; set; }

    /// <summary>Ends the last update when a command wants the lock.</summary>
    public LockYield? Yield { get; private set; }

    /// <summary>The warnings of the last update.</summary>
    public IEnumerable<ChunkOtaException> Warnings { get; private set; } = [];

    /// <summary>What this device does around updates.</summary>
    public ProductPolicy Policy { get; set; } = ProductPolicy.None;

    /// <summary>Makes the folders, as every run of the engine does.</summary>
    public void Make()
    {
        Home.Make();
        Product.Make();
    }

    /// <summary>Takes the lock, recovers, and runs one update as the engine does.</summary>
    public async Task<UpdateResult> UpdateAsync(
        string? version = null, bool isDryRun = false, IReleaseSource? source = null,
        LinkMode link = LinkMode.Reflink, bool verifiesInFull = false, SwitchStop? stop = null,
        CancellationToken cancellationToken = default)
    {
        var product = new LocalProduct(Product, Clock, Policy);
        using var held = product.Lock();
        var journal = isDryRun ? null : new RunJournal(Product, Clock);
        var state = product.States.Find() is { } left ? product.Switch.Recover(left) : null;
        var monitor = new RunMonitor(Clock, Progress, journal);
        var run = new UpdateRun(product, TrustStore, Source, source ?? Source, monitor);
        var goal = Goal() with
        {
            Version = version,
            IsDryRun = isDryRun,
            Link = link,
            VerifiesInFull = verifiesInFull,
            StopBeforeSwitch = stop,
            BuildTime = BuildTime,
            Policy = Policy,
        };
        Warnings = product.Warnings;
        using var yield = new LockYield(Product, Clock, cancellationToken);
        Yield = yield;
        return await JournalledRun.RunAsync(journal, () => run.RunAsync(goal, state, Trust, yield.Token));
    }

    /// <summary>The goal of a plain upgrade.</summary>
    public static RunGoal Goal() => new()
    {
        Operation = "upgrade",
        Server = Server,
        Product = "editor",
        Platform = "linux-x64",
        Channel = "stable",
    };

    /// <summary>Runs one update that must fail, and then checks that it has changed nothing that counts.</summary>
    public async Task<ChunkOtaException> RefusedAsync(string code, string? version = null)
    {
        var before = Snapshot();
        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => UpdateAsync(version));

        Assert.Equal(code, failure.Code);
        Assert.Equal(before, Snapshot());
        return failure;
    }

    /// <summary>Everything installed and trusted, as text.</summary>
    public string Snapshot()
    {
        var lines = new List<string>();
        foreach (var root in new[] { Product.Releases, Home.StateDirectory })
        {
            lines.AddRange(Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(path => File.Exists(path) ? $"{path} {Digest.Of(File.ReadAllBytes(path))}" : path));
        }
        lines.Add($"current {Activation.FindCurrent()}");
        return string.Join('\n', lines);
    }

    /// <summary>Checks that the current tree is this release and nothing else,
    /// by its manifest and byte by byte.</summary>
    public void AssertCurrent(TestRelease release)
    {
        Assert.Equal(release.Manifest.Version, Activation.FindCurrent());
        Assert.Empty(Installed.Verify("editor").Damage);
        var files = Directory.EnumerateFiles(Current, "*", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
        }).Select(path => Path.GetRelativePath(Current, path)).Order(StringComparer.Ordinal);
        Assert.Equal(release.Files.Keys.Order(StringComparer.Ordinal), files);
        foreach (var (path, content) in release.Files)
            Assert.Equal(content, File.ReadAllBytes(Path.Combine(Current, path)));
    }

    public void Dispose()
    {
        if (_folder is null)
            return;
        Publisher.Dispose();
        _folder.Dispose();
    }
}
