using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Tests.Server.Calls;

namespace ChunkOta.Tests.Store.Model;

/// <summary>Publishes whole releases, one step after the other.</summary>
internal static class ModelPublisher
{
    public static Task CreateAsync(ICatalogue catalogue, string product, bool isIsolated = false) =>
        catalogue.Identities.CreateProductAsync(new NewProduct(
            product, null, new RootRecord(1, Digest.Of("root"u8), DateTimeOffset.MaxValue, new byte[1]))
        {
            Domain = isIsolated ? TestDomain.Of(product) : DedupDomain.Shared,
        });

    public static Task<PublishLease> BeginAsync(ICatalogue catalogue, string product, string version) =>
        catalogue.Publishes.BeginAsync(new NewPublish
        {
            Product = product,
            Platform = "any",
            Version = version,
            Channel = "stable",
            Allowances = Allowances.Older | Allowances.Empty | Allowances.Shrink,
        });

    /// <summary>Sends everything that a release needs.</summary>
    public static async Task SendAsync(
        ICatalogue catalogue, IPrunableObjectStore objects, PublishLease publish,
        IReadOnlyList<ModelFile> files)
    {
        using var writers = new PackWriterPool(1, 1, TimeProvider.System);
        using var encoder = new ZstdEncoder(1);
        await using (var intake = new FrameIntake(objects, catalogue, writers, publish, "publisher"))
        {
            foreach (var group in Frames.Group(files.SelectMany(file => file.Chunks)))
            {
                var (frame, lengths) = Frames.Encode(group, encoder);
                await intake.AddAsync(frame, lengths, default);
            }

            await intake.FinishAsync(default);
        }

        var recipes = new RecipeIntake(objects, catalogue, publish);
        foreach (var file in files.Where(file => file.Recipe is not null))
            await recipes.AddAsync(file.Recipe, ends: true, default);
        await recipes.FinishAsync(default);
    }

    /// <summary>Commits a release and makes it current.</summary>
    public static async Task<NewRelease> CommitAsync(
        ICatalogue catalogue, IPrunableObjectStore objects, PublishLease lease, ulong counter,
        IReadOnlyList<ModelFile> files)
    {
        var (release, envelope) = ModelContent.Describe(lease.Product, lease.Version, counter, files);
        await objects.PutAsync(ObjectName.Manifest(release.Manifest), envelope);
        _ = await catalogue.Releases.CommitAsync(lease.Id, release, new NewPointer
        {
            Product = release.Product,
            Platform = "any",
            Channel = "stable",
            Seq = counter,
            Digest = Digest.Of(BitConverter.GetBytes(counter)),
            Current = release.Manifest,
            Counter = counter,
            Issued = DateTimeOffset.UnixEpoch,
            Expires = DateTimeOffset.FromUnixTimeSeconds(4_000_000_000),
            Envelope = new byte[1],
        });
        return release;
    }

    /// <summary>Publishes a release.</summary>
    public static async Task<NewRelease> PublishAsync(
        ICatalogue catalogue, IPrunableObjectStore objects, string product, string version, ulong counter,
        params int[] files)
    {
        var lease = await BeginAsync(catalogue, product, version);
        var content = ModelContent.Files(files);
        await SendAsync(catalogue, objects, lease, content);
        return await CommitAsync(catalogue, objects, lease, counter, content);
    }
}
