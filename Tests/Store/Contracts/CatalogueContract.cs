using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Contracts;

/// <summary>What every catalogue promises; its parts are in the files beside this one.</summary>
public abstract partial class CatalogueContract : IAsyncLifetime
{
    private ICatalogue? _catalogue;

    protected ManualTime Time { get; } = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));

    protected ICatalogue Catalogue => _catalogue ?? throw new InvalidOperationException("Not opened.");

    public async ValueTask InitializeAsync()
    {
        _catalogue = await OpenAsync(Time);
        await Catalogue.Identities.CreateProductAsync(Product("app"));
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Catalogue.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_first_number_that_is_proposed_stays_the_catalogues()
    {
        var id = Guid.NewGuid();

        Assert.Null(await Catalogue.FindIdAsync());
        Assert.Equal(id, await Catalogue.EnsureIdAsync(id));
        await ReopenAsync();
        Assert.Equal(id, await Catalogue.EnsureIdAsync(Guid.NewGuid()));
        Assert.Equal(id, await Catalogue.FindIdAsync());
    }

    /// <summary>Opens the one database of this test, again after the last was disposed of.</summary>
    protected abstract Task<ICatalogue> OpenAsync(TimeProvider time);

    protected async Task ReopenAsync()
    {
        await Catalogue.DisposeAsync();
        _catalogue = await OpenAsync(Time);
    }

    protected static Digest Hash(object of) => Digest.Of(System.Text.Encoding.UTF8.GetBytes(of.ToString()!));

    protected static NewProduct Product(string name, string root = "root", CutParameters? cut = null) => new(
        name, cut, new RootRecord(
            1, Hash(root), DateTimeOffset.FromUnixTimeSeconds(1_900_000_000), new byte[] { 1, 2 }));

    /// <summary>A pack of frames of chunks, each chunk as long as its number says; frames are stored at half their
    /// size.</summary>
    protected static PackContents Pack(params int[][] frames)
    {
        var offset = 8;
        List<PackFrame> made = [];
        foreach (var frame in frames)
        {
            var plain = frame.Sum();
            made.Add(new PackFrame(offset, plain / 2, plain, [.. frame.Select(Chunk)]));
            offset += plain / 2;
        }
        return new PackContents(
            Hash(string.Join(';', frames.Select(frame => string.Join(',', frame)))), offset + 1000, made);
    }

    /// <summary>The chunk of a length, of which there is one.</summary>
    protected static ChunkRef Chunk(int length) => new(Hash($"chunk {length}"), length);

    protected Task<PublishLease> Begin(string version = "1.0.0", string channel = "stable", bool allowsOlder = false) =>
        Catalogue.Publishes.BeginAsync(new NewPublish
        {
            Product = "app",
            Platform = "any",
            Version = version,
            Channel = channel,
            // The guards have tests of their own.
            Allowances = Allowances.Empty | Allowances.Shrink | Allowances.NewChannel | Allowances.NewPlatform
                | (allowsOlder ? Allowances.Older : Allowances.None),
        });

    /// <summary>A release whose chunks have the lengths given, each file one chunk.</summary>
    protected static NewRelease Release(string version, ulong counter, params int[] chunks) => new()
    {
        Product = "app",
        Platform = "any",
        Version = version,
        Counter = counter,
        Manifest = Hash($"manifest {version} {counter} {string.Join(',', chunks)}"),
        ManifestPayloadBytes = 1000,
        ManifestEnvelopeBytes = 1100,
        Published = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
        LogicalBytes = chunks.Sum(),
        FileCount = chunks.Length,
        ChunkCount = chunks.Length,
        Files = [.. chunks.Distinct().Select(length => new KnownFile(Chunk(length).Hash, length, null))],
        Chunks = [.. chunks.Distinct().Select(Chunk)],
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
        Issued = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
        Expires = DateTimeOffset.FromUnixTimeSeconds(1_700_604_800),
        Envelope = new byte[] { 7, (byte)seq },
    };

    /// <summary>Begins, commits and points to a release whose chunks are there.</summary>
    protected async Task<CommitOutcome> Publish(NewRelease release, ulong seq, string channel = "stable")
    {
        var lease = await Begin(release.Version, channel);
        return await Catalogue.Releases.CommitAsync(lease.Id, release, Pointer(release, seq, channel));
    }

    protected static async Task<string> CodeOf(Func<Task> call) =>
        (await Assert.ThrowsAnyAsync<ChunkOtaException>(call)).Code;
}
