using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Tests.Server.Calls;

namespace ChunkOta.Tests.Store.Model;

/// <summary>One of the callers that use the store at once: a publisher, an operator and a device in turn.</summary>
/// <param name="model">Has the store.</param>
/// <param name="number">Counted from 0; workers take turns on the servers.</param>
/// <param name="seed">Chooses what it does.</param>
internal sealed class ModelWorker(StoreModel model, int number, int seed) : IDisposable
{
    private readonly Random _random = new(seed);
    private readonly ZstdEncoder _encoder = new(1);
    private OpenPublish? _publish;
    private int _versions;

    private ModelServer Server => model.Servers[number % model.Servers.Count];

    /// <summary>Does a number of operations, chosen by the seed, until its server dies; which of them meet each other,
    /// the machine decides.</summary>
    public async Task RunAsync(int operations)
    {
        var death = Server.Death;
        try
        {
            for (var i = 0; i < operations; i++)
            {
                death.ThrowIfCancellationRequested();
                await TryStepAsync(death);
            }
        }
        catch (OperationCanceledException) when (death.IsCancellationRequested)
        {
            // The open publish is forgotten with its process.
            _publish = null;
        }
    }

    public void Dispose() => _encoder.Dispose();

    private async Task TryStepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await StepAsync(cancellationToken);
        }
        catch (StoreUnavailableException) when (model.IsDatabaseDying)
        {
            // Whether the call was carried out is not known.
            _publish = null;
        }
    }

    private Task StepAsync(CancellationToken cancellationToken) => _random.Next(100) switch
    {
        < 60 => PublishAsync(cancellationToken),
        < 70 => DeleteAsync(cancellationToken),
        < 74 => UndeleteAsync(cancellationToken),
        < 84 => DownloadAsync(cancellationToken),
        < 88 => CollectAsync(cancellationToken),
        < 90 => GiveUpAsync(),
        _ => WaitAsync(),
    };

    /// <summary>The next step of the open publish, or the first of another one.</summary>
    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        try
        {
            switch (_publish)
            {
                case null: await BeginAsync(cancellationToken); break;
                case { Missing: null }: await AskAsync(_publish, cancellationToken); break;
                case { IsSent: false }: await SendAsync(_publish, cancellationToken); break;
                default: await CommitAsync(_publish, cancellationToken); break;
            }
        }
        catch (ChunkOtaException expired) when (expired.Code == ErrorCodes.PublishUnknown)
        {
            _publish = null;
        }
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        var product = model.Products[_random.Next(model.Products.Count)];
        var version = $"{number}.{_versions++}";
        var lease = await Server.Catalogue.Publishes.BeginAsync(
            new NewPublish
            {
                Product = product,
                Platform = "any",
                Version = version,
                Channel = "stable",
                Allowances = Allowances.Older | Allowances.Empty | Allowances.Shrink | Allowances.NewChannel
                    | Allowances.NewPlatform,
            },
            cancellationToken);
        _publish = new OpenPublish(lease, ModelContent.Choose(_random));
    }

    /// <summary>Asks which files and chunks are missing: what is there must stay until the commit.</summary>
    private async Task AskAsync(OpenPublish publish, CancellationToken cancellationToken)
    {
        _ = await Server.Catalogue.Publishes.RenewAsync(publish.Lease.Id, cancellationToken);
        var known = await Server.Catalogue.Releases.FindFilesAsync(
            publish.Lease.Product, [.. publish.Files.Select(file => file.Known.Digest)], cancellationToken);
        publish.Unknown = [.. publish.Files.Zip(known).Where(pair => pair.Second is null).Select(pair => pair.First)];
        List<VerifiedChunk> chunks =
            [.. publish.Unknown.SelectMany(file => file.Chunks).DistinctBy(chunk => chunk.Hash)];
        var missing = new byte[(chunks.Count + 7) / 8];
        _ = await Server.Catalogue.Chunks.FindMissingAsync(
            publish.Lease.Domain, chunks.Select(chunk => chunk.Hash).ToArray(), missing, cancellationToken);
        publish.Missing = [.. chunks.Where((_, index) => (missing[index / 8] & (1 << (index % 8))) != 0)];
    }

    private async Task SendAsync(OpenPublish publish, CancellationToken cancellationToken)
    {
        _ = await Server.Catalogue.Publishes.RenewAsync(publish.Lease.Id, cancellationToken);
        await using (var intake = new FrameIntake(
            Server.Objects, Server.Catalogue, Server.Writers, publish.Lease, $"worker {number}"))
        {
            foreach (var group in publish.Missing!.Chunk(1 + _random.Next(6)))
            {
                var (frame, lengths) = Frames.Encode(group, _encoder);
                await intake.AddAsync(frame, lengths, cancellationToken);
            }

            await intake.FinishAsync(cancellationToken);
        }

        var recipes = new RecipeIntake(Server.Objects, Server.Catalogue, publish.Lease);
        foreach (var file in publish.Unknown.Where(file => file.Recipe is not null).DistinctBy(file => file.Known))
            await recipes.AddAsync(file.Recipe, ends: true, cancellationToken);
        await recipes.FinishAsync(cancellationToken);
        publish.IsSent = true;
    }

    private async Task CommitAsync(OpenPublish publish, CancellationToken cancellationToken)
    {
        _ = await Server.Catalogue.Publishes.RenewAsync(publish.Lease.Id, cancellationToken);
        var counter = model.NextCounter();
        var (release, envelope) = ModelContent.Describe(
            publish.Lease.Product, publish.Lease.Version, counter, publish.Files);
        var known = model.Add(new ModelRelease(
            release.Product, release.Version, release.Manifest, publish.Files));
        await ObjectArrivals.PutAsync(
            Server.Objects, Server.Catalogue.Chunks,
            [new ObjectContent(ObjectName.Manifest(release.Manifest), envelope)], cancellationToken);
        try
        {
            _ = await Server.Catalogue.Releases.CommitAsync(
                publish.Lease.Id, release, _random.Next(3) == 0 ? null : model.PointTo(release), cancellationToken);
            known.IsVisible = true;
            _publish = null;
        }
        catch (ChunkOtaException taken) when (taken.Code is ErrorCodes.CounterTaken or ErrorCodes.SeqTaken
            or ErrorCodes.CounterLower)
        {
            // Another worker came first: the next step signs again.
            model.Remove(known);
        }
    }

    private async Task DeleteAsync(CancellationToken cancellationToken)
    {
        if (model.Pick(_random, isVisible: true, isChanging: true) is not { } release) return;
        try
        {
            _ = await Server.Catalogue.Retention.DeleteAsync(
                release.Manifest, isForced: true, DateTimeOffset.UnixEpoch, cancellationToken);
            release.IsVisible = false;
        }
        catch (ChunkOtaException refused) when (refused.Code == ErrorCodes.InUse)
        {
            release.IsVisible = true;
        }
    }

    private async Task UndeleteAsync(CancellationToken cancellationToken)
    {
        if (model.Pick(_random, isVisible: false, isChanging: true) is not { } release) return;
        try
        {
            _ = await Server.Catalogue.Retention.UndeleteAsync(
                release.Product, release.Version, "any", cancellationToken);
            release.IsVisible = true;
        }
        catch (ChunkOtaException purged) when (purged.Code == ErrorCodes.ReleaseUnknown)
        {
            release.IsVisible = false;
        }
    }

    private async Task DownloadAsync(CancellationToken cancellationToken)
    {
        if (model.Pick(_random, isVisible: true, isChanging: false) is not { } release) return;
        // Somebody may delete and purge the release meanwhile: then a part of it may be gone.
        if (await model.FindFaultAsync(Server, release, cancellationToken) is { } fault && release.IsVisible == true)
            Assert.Fail($"{release.Version} cannot be downloaded: {fault}");
    }

    private async Task CollectAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var hold = new ClockHold(model);
            _ = await Server.Collector.RunAsync(hold, cancellationToken);
        }
        catch (CollectionLostException)
        {
            // The clock jumped: another worker's collection has the lease now.
            return;
        }
        catch (StoreUnavailableException passed)
            when (passed.OperatorDetail.Contains("were not deleted", StringComparison.Ordinal))
        {
            // Their deletions had no answer: they stay claimed until the lease is over.
            model.Advance(ICollectionCatalogue.Lease);
        }
        catch (OperationCanceledException)
        {
            model.Advance(ICollectionCatalogue.Lease);
            throw;
        }
    }

    private Task GiveUpAsync()
    {
        _publish = null;
        return Task.CompletedTask;
    }

    private Task WaitAsync()
    {
        model.Advance(TimeSpan.FromSeconds(_random.Next(1, 120)));
        return Task.CompletedTask;
    }

    private sealed class OpenPublish(PublishLease lease, IReadOnlyList<ModelFile> files)
    {
        public PublishLease Lease => lease;

        public IReadOnlyList<ModelFile> Files => files;

        public IReadOnlyList<ModelFile> Unknown { get; set; } = [];

        /// <summary>Null before it asked.</summary>
        public IReadOnlyList<VerifiedChunk>? Missing { get; set; }

        public bool IsSent { get; set; }
    }
}
