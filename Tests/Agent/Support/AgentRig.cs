using ChunkOta.Agent;
using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Support;

/// <summary>A device in a temporary folder, a publisher and a source: everything of an update but the network.</summary>
internal sealed class AgentRig : IDisposable
{
    private const string Server = "https://ota.example.org";
    private readonly TemporaryFolder _folder = new();

    public AgentRig()
    {
        Publisher = new TestPublisher(Clock);
        Source = new MemorySource(Publisher);
        Home = new AgentHome(_folder["home"]);
        Product = Home.Of("editor");
        TrustStore = new TrustStore(Home, Clock);
        States = new StateStore(Product);
        Home.Make();
        Product.Make();
    }

    public TestClock Clock { get; } = new();

    public TestPublisher Publisher { get; }

    public MemorySource Source { get; }

    public AgentHome Home { get; }

    public ProductHome Product { get; }

    public TrustStore TrustStore { get; }

    public StateStore States { get; }

    public SymlinkActivation Activation { get; } = new();

    public string Folder => _folder.Path;

    public string Current => Product.CurrentLink;

    public InstalledProducts Installed => new(new AgentOptions { Home = Home.Root }, Clock);

    /// <summary>What is held true now; a freshly enrolled device's where nothing is.</summary>
    public TrustRecord Trust => TrustStore.Load().Find(Server, "editor") ?? new TrustRecord
    {
        Server = Server,
        Product = "editor",
        DeviceId = "device-1",
        Channel = "stable",
        PinnedRoot = Publisher.FirstRootDigest,
    };

    /// <summary>Takes the lock, recovers, and runs one update as the engine does.</summary>
    public async Task<UpdateResult> UpdateAsync(
        string? version = null, bool isDryRun = false, IReleaseSource? source = null,
        LinkMode link = LinkMode.Reflink, CancellationToken cancellationToken = default)
    {
        using var held = Product.Lock();
        var state = States.Find() is { } left
            ? new ReleaseSwitch(Product, States, Activation, Clock).Recover(left)
            : null;
        var run = new UpdateRun(Product, TrustStore, source ?? Source, Activation, Clock, null);
        return await run.RunAsync(
            new RunGoal("upgrade", Server, "editor", "linux-x64", "stable", version, isDryRun, link),
            state, Trust, cancellationToken);
    }

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
        lines.Add($"current {Activation.FindCurrent(Product)}");
        return string.Join('\n', lines);
    }

    /// <summary>Checks that the current tree is this release and nothing else, by its manifest and byte by byte.</summary>
    public void AssertCurrent(TestRelease release)
    {
        Assert.Equal(release.Manifest.Version, Activation.FindCurrent(Product));
        Assert.Empty(Installed.Verify("editor"));
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
        Publisher.Dispose();
        _folder.Dispose();
    }
}
