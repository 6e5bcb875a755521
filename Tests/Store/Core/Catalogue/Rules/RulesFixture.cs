using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Catalogue;

/// <summary>A catalogue in memory with the product <c>app</c>, and documents to try on it.</summary>
public abstract class RulesFixture
{
    protected static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    protected RulesFixture() => _ = ProductRules.Create(State, Product("app"));

    private protected MemoryTransaction State { get; } = new();

    protected static Digest Hash(string of) => Digest.Of(System.Text.Encoding.UTF8.GetBytes(of));

    protected static NewProduct Product(
        string name, string root = "root", CutParameters? cut = null, ulong version = 1) =>
        new(name, cut, new RootRecord(version, Hash(root), Now.AddDays(1), new byte[] { 1 }));

    protected static PublishLease Lease(string version, string channel = "stable") => new()
    {
        Id = Guid.NewGuid(),
        Product = "app",
        Platform = "any",
        Version = version,
        Channel = channel,
        Allowances = Allowances.None,
        Expires = Now,
        Domain = DedupDomain.Shared,
    };

    protected static NewRelease Release(string version, ulong counter, params ChunkRef[] chunks) => new()
    {
        Product = "app",
        Platform = "any",
        Version = version,
        Counter = counter,
        Manifest = Hash($"manifest {version} {counter}"),
        ManifestPayloadBytes = 1000,
        ManifestEnvelopeBytes = 1100,
        Published = Now,
        LogicalBytes = chunks.Sum(chunk => chunk.Length),
        FileCount = chunks.Length,
        ChunkCount = chunks.Length,
        Files = [.. chunks.Select(chunk => new KnownFile(chunk.Hash, chunk.Length, null))],
        Chunks = chunks,
    };

    protected static NewPointer Pointer(NewRelease current, ulong seq, string channel = "stable") => new()
    {
        Product = "app",
        Platform = "any",
        Channel = channel,
        Seq = seq,
        Digest = Hash($"pointer {channel} {seq} {current.Manifest}"),
        Current = current.Manifest,
        Counter = current.Counter,
        Issued = Now,
        Expires = Now.AddDays(7),
        Envelope = new byte[] { 7 },
    };

    /// <summary>The publish of a version; what the guards check is allowed, they have tests of their own.</summary>
    protected static NewPublish Wanted(
        string version, string channel = "stable", Allowances more = Allowances.None) => new()
        {
            Product = "app",
            Platform = "any",
            Version = version,
            Channel = channel,
            Allowances = Allowances.Empty | Allowances.Shrink | Allowances.NewChannel | more,
        };

    protected PublishLease Begin(string version, string channel = "stable", Allowances more = Allowances.None) =>
        LeaseRules.Begin(State, Wanted(version, channel, more), Now);

    protected CommitOutcome Commit(PublishLease lease, NewRelease release, NewPointer pointer) =>
        CommitRules.Commit(State, lease.Id, release, pointer, Now);

    protected CommitOutcome Publish(NewRelease release, ulong seq, string channel = "stable") =>
        Commit(Begin(release.Version, channel), release, Pointer(release, seq, channel));

    protected static string CodeOf(Action call) => Assert.ThrowsAny<ChunkOtaException>(call).Code;
}
