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
    private IReadOnlyList<string> _warnings = [];

    /// <summary>
    /// Publishes. When it returns, the release and the channel's pointer survive a power cut of the server.
    /// </summary>
    /// <exception cref="ChunkOtaException">Whatever went wrong; what was stored by then need not be sent
    /// again.</exception>
    public async Task<PublishReport> RunAsync(CancellationToken cancellationToken)
    {
        progress.Begin("scanning", 0);
        using var tree = SourceTree.Scan(options.Directory, options.Excludes);
        ReleaseDocuments.CheckPaths(options, tree, clock);
        var excluded = tree.Excluded > 0 ? $", {tree.Excluded} excluded" : "";
        var entries = Printable.Count(tree.Entries.Count, "entry", "entries");
        progress.End($"{entries}, {Printable.Bytes(tree.TotalBytes)}{excluded}");

        var size = new PlannedRelease { Files = (ulong)tree.Files, Bytes = (ulong)tree.TotalBytes };
        var begun = await BeginAsync(size, cancellationToken);
        _warnings = SigningWarnings.Find(keys.Root, options.Product, begun.ServerTime, clock.GetUtcNow());
        begun.CheckNumbers(options);
        if (begun.MaxReleaseBytes > 0 && (ulong)tree.TotalBytes > begun.MaxReleaseBytes)
            throw new ChunkOtaException(ErrorCodes.TooLarge,
                $"the tree is too large: {options.Directory}: {SizeText.Of(tree.TotalBytes)} is above the server's "
                + $"limit of {SizeText.Of(begun.MaxReleaseBytes)} (its setting {ServerSettingNames.ReleaseBytes})");
        progress.Begin("hashing", tree.TotalBytes);
        var digests = await FileHasher.HashAsync(tree, progress, cancellationToken);
        progress.End(Printable.Bytes(tree.TotalBytes));
        var release = new ReleaseToPublish(options, tree, digests);

        ContentPlan? plan = null;
        for (var signing = 1; ; signing++)
        {
            var planner = new ContentPlanner(tree, digests, _calls, progress);
            if (await FindPublishedAsync(tree, release, begun, planner, cancellationToken) is { } published)
                return await SettleAsync(release, begun, published, cancellationToken);
            if (plan is null)
            {
                plan = await planner.PlanAsync(begun, cancellationToken);
                // Signed before anything is sent: a release that no device would take is refused here.
                var manifest = release.Sign(begun, plan.Recipes, keys, clock);
                // Deltas can be measured only on chunks that the server has, so a limit makes a dry run send them.
                if (!options.IsDryRun || options.Limits.Count > 0)
                    await UploadAsync(tree, begun, plan, cancellationToken);
                await CheckForecastAsync(
                    () => _calls.ForecastAsync(begun, manifest.Envelope, options.Fleet, cancellationToken));
                if (options.IsDryRun)
                    return Planned(release, begun, plan);
            }

            try
            {
                return await CommitAsync(release, begun, plan, cancellationToken);
            }
            catch (ChunkOtaException e)
                when (e.Code is ErrorCodes.CounterTaken or ErrorCodes.SeqTaken && signing < MaxSignings)
            {
                begun = await BeginAsync(size, cancellationToken);
            }
            catch (ChunkOtaException e) when (e.Code == ErrorCodes.ReleaseIncomplete && signing < MaxSignings)
            {
                // The server had counted on what it lost; by now it knows.
                _warnings = [.. _warnings, "the server had lost a part of its store: it was sent again"];
                begun = await BeginAsync(size, cancellationToken);
                plan = null;
            }
        }
    }

    /// <summary>The release that has the version already, after the store has got back what it lost of it.</summary>
    private async Task<VerifiedManifest?> FindPublishedAsync(
        SourceTree tree, ReleaseToPublish release, BegunPublish begun, ContentPlanner planner,
        CancellationToken cancellationToken)
    {
        if (begun.Existing is { } existing)
            release.CheckSameAs(existing);
        if (begun.Lost is null && (begun.Existing is null || !begun.IsIncomplete))
            return begun.Existing;
        var plan = await planner.PlanAsync(begun, cancellationToken);
        var manifest = begun.Lost is { } lost
            ? release.SignAgain(begun, plan.Recipes, keys, lost)
            : begun.Existing!;
        await SendAgainAsync(tree, begun, plan, manifest, cancellationToken);
        return manifest;
    }

    /// <summary>Sends what the store lost of a release that is published, and commits it once more.</summary>
    private async Task SendAgainAsync(
        SourceTree tree, BegunPublish begun, ContentPlan plan, VerifiedManifest manifest,
        CancellationToken cancellationToken)
    {
        var isNeeded = begun.Lost is not null || plan.Missing.Count > 0 || plan.NewRecipes.Count > 0;
        if (!isNeeded || options.IsDryRun)
            return;
        await UploadAsync(tree, begun, plan, cancellationToken);
        await _calls.CommitAsync(begun, manifest.Envelope, null, cancellationToken);
        _warnings =
        [
            .. _warnings,
            $"the server had lost a part of this release: it was sent again "
            + $"({Printable.Count(plan.Missing.Count, "chunk")}, {Printable.Bytes(plan.MissingBytes)})",
        ];
    }

    private async Task UploadAsync(
        SourceTree tree, BegunPublish begun, ContentPlan plan, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        progress.Begin("sending", plan.MissingBytes);
        using (var frames = new FrameMaker(tree, options.Level))
        {
            await new ChunkUpload(session, _calls, frames, progress, clock)
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
        progress.End($"p95 {Printable.Bytes(_forecast.P95Bytes)} for {Printable.Count(_forecast.Devices, "device")}");
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
        var pointer = options.MovesAtOnce ? Pointer(begun, manifest) : null;
        var committed = await _calls.CommitAsync(begun, manifest.Envelope, pointer?.Envelope, cancellationToken);
        _committing = clock.GetElapsedTime(started);
        return Report(release, manifest, committed.Figures, committed.AlreadyPublished);
    }

    private async Task<BegunPublish> BeginAsync(PlannedRelease size, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync();
        }
        catch (ChunkOtaException e) when (e.Code is ErrorCodes.ObjectDamaged or ErrorCodes.StoreUnavailable)
        {
            // A manifest that the server finds lost as it sends it; then it begins without it.
            return await OpenAsync();
        }

        Task<BegunPublish> OpenAsync() => Retrying.RunAsync(
            () => BegunPublish.OpenAsync(session, options, size, keys, cancellationToken), clock,
            cancellationToken);
    }

    /// <summary>
    /// The version is there already: fine if it is this very content; the channel is moved to it, or renewed, if need
    /// be.
    /// </summary>
    private async Task<PublishReport> SettleAsync(
        ReleaseToPublish release, BegunPublish begun, VerifiedManifest existing, CancellationToken cancellationToken)
    {
        if (!options.Holds)
            GoingBack.Check(
                begun.History.Find(options.Channel), existing, options.Channel, options.KeysDirectory);
        var started = clock.GetTimestamp();
        var isCurrent = begun.Pointer is { } current && current.Expires > clock.GetUtcNow()
            && current.Value.Current.ManifestDigest == existing.Digest.ToByteString()
            && keys.Vouches(root => VerifiedPointer.Verify(current.Envelope, root));
        if (!isCurrent && !options.Holds)
        {
            await CheckForecastAsync(async () => await session.Releases.ForecastAsync(
                new ForecastRequest
                {
                    ManifestDigest = existing.Digest.ToByteString(),
                    Channel = options.Channel,
                    Fleet = { options.Fleet },
                },
                cancellationToken: cancellationToken));
            if (options.MovesAtOnce)
            {
                var pointer = Pointer(begun, existing);
                if (!options.IsDryRun)
                    await _calls.CommitAsync(begun, existing.Envelope, pointer.Envelope, cancellationToken);
            }
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

    private VerifiedPointer Pointer(BegunPublish begun, VerifiedManifest manifest) =>
        new PointerSigner(keys, clock, options.PointerLife).Promote(begun.History, options.Channel, manifest);

    private PublishReport Planned(ReleaseToPublish release, BegunPublish begun, ContentPlan plan) => new()
    {
        Product = options.Product,
        Version = options.Version,
        Build = options.Build.Length > 0 ? options.Build : null,
        Platform = options.Platform,
        Channel = options.Channel,
        DryRun = true,
        Counter = begun.NextCounter,
        ManifestDigest = "",
        Files = release.Files,
        Excluded = release.Excluded,
        LogicalBytes = release.LogicalBytes,
        Chunks = 0,
        DistinctChunks = 0,
        NewChunks = (ulong)plan.Missing.Count,
        NewPlainBytes = (ulong)plan.MissingBytes,
        ReusedPlainBytes = 0,
        NewStoredBytes = 0,
        AlreadyPublished = false,
        Forecast = _forecast,
        Held = options.Holds,
        Warnings = _warnings,
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
            Build = manifest.Head.Build.Length > 0 ? manifest.Head.Build : null,
            Platform = options.Platform,
            Channel = options.Channel,
            DryRun = options.IsDryRun,
            Counter = manifest.Head.Counter,
            ManifestDigest = manifest.Digest.ToString(),
            Files = release.Files,
            Excluded = release.Excluded,
            LogicalBytes = release.LogicalBytes,
            Chunks = figures?.Chunks ?? 0,
            DistinctChunks = figures?.DistinctChunks ?? 0,
            NewChunks = isNew ? figures?.NewChunks ?? 0 : 0,
            NewPlainBytes = newPlainBytes,
            ReusedPlainBytes = (figures?.DistinctPlainBytes ?? 0) - newPlainBytes,
            NewStoredBytes = isNew ? figures?.NewStoredBytes ?? 0 : 0,
            AlreadyPublished = isAlreadyPublished,
            Held = !options.MovesAtOnce,
            Forecast = _forecast,
            Warnings = _warnings,
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
