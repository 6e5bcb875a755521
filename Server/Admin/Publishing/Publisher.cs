using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>Publishes a tree: scans and hashes it, brings what the server lacks, signs and commits.</summary>
internal sealed class Publisher(
    Session session, PublishOptions options, PublisherKeys keys, IPublishProgress progress, TimeProvider clock)
{
    private const int MaxSignings = 3;

    private readonly PublishCalls _calls = new(session, clock);
    private readonly long _started = clock.GetTimestamp();
    private TimeSpan _uploading;
    private TimeSpan _committing;
    private ForecastReport? _forecast;

    /// <summary>
    /// Publishes. When it returns, the release and the channel's pointer survive a power cut of the server.
    /// </summary>
    /// <exception cref="ChunkOtaException">Whatever went wrong; what was stored by then need not be sent
    /// again.</exception>
    public async Task<PublishReport> RunAsync(CancellationToken cancellationToken)
    {
        progress.Begin("scanning", 0);
        using var tree = SourceTree.Scan(options.Directory);
        ReleaseDocuments.CheckPaths(options, tree, clock);
        progress.End($"{tree.Entries.Count} entries, {Printable.Bytes(tree.TotalBytes)}");

        var begun = await BegunPublish.OpenAsync(session, options, keys, cancellationToken);
        if (begun.MaxReleaseBytes > 0 && (ulong)tree.TotalBytes > begun.MaxReleaseBytes)
            throw new ChunkOtaException(ErrorCodes.TooLarge,
                $"the files of '{options.Directory}' have {tree.TotalBytes} bytes; the server takes "
                + $"{begun.MaxReleaseBytes} "
                + "(its setting Limits:ReleaseBytes)");
        progress.Begin("hashing", tree.TotalBytes);
        var digests = await FileHasher.HashAsync(tree, progress, cancellationToken);
        progress.End(Printable.Bytes(tree.TotalBytes));
        var release = new ReleaseToPublish(options, tree, digests);

        ContentPlan? plan = null;
        for (var signing = 1; ; signing++)
        {
            if (begun.Existing is { } existing)
                return await SettleAsync(release, begun, existing, cancellationToken);
            if (plan is null)
            {
                plan = await new ContentPlanner(tree, digests, _calls, progress).PlanAsync(begun, cancellationToken);
                if (options.IsDryRun)
                    return Planned(release, begun, plan);
                // Signed before anything is sent: a release that no device would take is refused here.
                var manifest = release.Sign(begun, plan.Recipes, keys, clock);
                await UploadAsync(tree, begun, plan, cancellationToken);
                await CheckForecastAsync(
                    () => _calls.ForecastAsync(begun.Id, manifest.Envelope, options.Fleet, cancellationToken));
            }

            try
            {
                return await CommitAsync(release, begun, plan, cancellationToken);
            }
            catch (ChunkOtaException e)
                when (e.Code is ErrorCodes.CounterTaken or ErrorCodes.SeqTaken && signing < MaxSignings)
            {
                begun = await BegunPublish.OpenAsync(session, options, keys, cancellationToken);
            }
        }
    }

    private async Task UploadAsync(
        SourceTree tree, BegunPublish begun, ContentPlan plan, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        progress.Begin("sending", plan.MissingBytes);
        using (var frames = new FrameMaker(tree, options.Level))
        {
            await new ChunkUpload(session, _calls, frames, progress)
                .RunAsync(begun.Id, plan.Missing, cancellationToken);
        }

        await _calls.PutRecipesAsync(begun.Id, plan.NewRecipes, cancellationToken);
        progress.End($"{plan.Missing.Count} new chunks, {Printable.Bytes(plan.MissingBytes)}");
        _uploading = clock.GetElapsedTime(started);
    }

    /// <summary>Weighs what the release costs its fleet, where limits ask for it.</summary>
    /// <exception cref="ChunkOtaException"><c>FORECAST_EXCEEDED</c>.</exception>
    private async Task CheckForecastAsync(Func<Task<ForecastResponse>> forecast)
    {
        if (options.Limits.Count == 0)
            return;
        progress.Begin("forecasting", 0);
        _forecast = ForecastReport.Of(options.Product, options.Version, options.Platform, await forecast());
        progress.End($"p95 {Printable.Bytes(_forecast.P95Bytes)} for {_forecast.Devices} devices");
        var exceeded = options.Limits.Where(limit => limit.IsExceededBy(_forecast)).ToList();
        if (exceeded.Count > 0)
        {
            throw new ChunkOtaException(ErrorCodes.ForecastExceeded,
                $"{options.Product} {options.Version} was not published: "
                + string.Join("; ", exceeded.Select(limit => limit.Describe(_forecast))));
        }
    }

    private async Task<PublishReport> CommitAsync(
        ReleaseToPublish release, BegunPublish begun, ContentPlan plan, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var manifest = release.Sign(begun, plan.Recipes, keys, clock);
        var pointer = Pointer(begun, manifest);
        var committed = await _calls.CommitAsync(begun.Id, manifest.Envelope, pointer.Envelope, cancellationToken);
        _committing = clock.GetElapsedTime(started);
        return Report(release, manifest, committed.Figures, committed.AlreadyPublished);
    }

    /// <summary>
    /// The version is there already: fine if it is this very content; the channel is moved to it, or renewed, if need
    /// be.
    /// </summary>
    private async Task<PublishReport> SettleAsync(
        ReleaseToPublish release, BegunPublish begun, VerifiedManifest existing, CancellationToken cancellationToken)
    {
        release.CheckSameAs(existing);
        var started = clock.GetTimestamp();
        var isCurrent = begun.Pointer is { } current && current.Expires > clock.GetUtcNow()
            && current.Value.Current.ManifestDigest == existing.Digest.ToByteString();
        if (!options.IsDryRun && !isCurrent)
        {
            await CheckForecastAsync(async () => await session.Releases.ForecastAsync(
                new ForecastRequest
                {
                    ManifestDigest = existing.Digest.ToByteString(),
                    Channel = options.Channel,
                    Fleet = { options.Fleet },
                },
                cancellationToken: cancellationToken));
            var pointer = Pointer(begun, existing);
            await _calls.CommitAsync(begun.Id, existing.Envelope, pointer.Envelope, cancellationToken);
        }

        _committing = clock.GetElapsedTime(started);
        var listed = await session.Releases.ListReleasesAsync(new ListReleasesRequest
        {
            Product = options.Product,
            Platform = options.Platform,
            Version = options.Version,
        }, cancellationToken: cancellationToken);
        return Report(release, existing, listed.Releases.FirstOrDefault()?.Figures, isAlreadyPublished: true);
    }

    private VerifiedPointer Pointer(BegunPublish begun, VerifiedManifest manifest)
    {
        var pointer = ReleaseDocuments.Sign(ReleaseDocuments.Following(
            begun.Pointer, options.Channel, manifest, clock.GetUtcNow(), options.PointerLife), keys);
        pointer.CheckAllows(manifest);
        return pointer;
    }

    private PublishReport Planned(ReleaseToPublish release, BegunPublish begun, ContentPlan plan) => new()
    {
        Product = options.Product,
        Version = options.Version,
        Platform = options.Platform,
        Channel = options.Channel,
        DryRun = true,
        Counter = (begun.Newest?.Value.Counter ?? 0) + 1,
        ManifestDigest = "",
        Files = release.Files,
        LogicalBytes = release.LogicalBytes,
        Chunks = 0,
        DistinctChunks = 0,
        NewChunks = (ulong)plan.Missing.Count,
        NewPlainBytes = (ulong)plan.MissingBytes,
        ReusedPlainBytes = 0,
        NewStoredBytes = 0,
        AlreadyPublished = false,
        Seconds = Seconds(),
    };

    private PublishReport Report(
        ReleaseToPublish release, VerifiedManifest manifest, PublishedFigures? figures, bool isAlreadyPublished)
    {
        var isNew = !isAlreadyPublished;
        var newPlainBytes = isNew ? figures?.NewPlainBytes ?? 0 : 0;
        return new PublishReport
        {
            Product = options.Product,
            Version = options.Version,
            Platform = options.Platform,
            Channel = options.Channel,
            DryRun = options.IsDryRun,
            Counter = manifest.Value.Counter,
            ManifestDigest = manifest.Digest.ToString(),
            Files = release.Files,
            LogicalBytes = release.LogicalBytes,
            Chunks = figures?.Chunks ?? 0,
            DistinctChunks = figures?.DistinctChunks ?? 0,
            NewChunks = isNew ? figures?.NewChunks ?? 0 : 0,
            NewPlainBytes = newPlainBytes,
            ReusedPlainBytes = (figures?.DistinctPlainBytes ?? 0) - newPlainBytes,
            NewStoredBytes = isNew ? figures?.NewStoredBytes ?? 0 : 0,
            AlreadyPublished = isAlreadyPublished,
            Forecast = _forecast,
            Seconds = Seconds(),
        };
    }

    private PublishSeconds Seconds()
    {
        var total = clock.GetElapsedTime(_started);
        return new PublishSeconds(
            (total - _uploading - _committing).TotalSeconds, _uploading.TotalSeconds, _committing.TotalSeconds,
            total.TotalSeconds);
    }
}
