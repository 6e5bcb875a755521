using System.Runtime.InteropServices;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Installs and upgrades products from servers: the engine behind the command line,
/// and for embedding.</summary>
/// <remarks>
/// A run makes the new release current. A run that fails or is cancelled leaves what is installed as it was; the bytes
/// it fetched serve the next run. One run at a time works on a product of a home, whichever process makes it; another
/// one fails with <c>BUSY</c>. Every method throws <see cref="ChunkOtaException"/> with a stable code.
/// </remarks>
/// <param name="options">The agent's settings.</param>
/// <param name="clock">The clock; the system's when null.</param>
public sealed class UpdateAgent(AgentOptions options, TimeProvider? clock = null)
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly AgentHome _home = new(options.Home);

    private TrustStore TrustStore => new(_home, _clock);

    /// <summary>Installs a product, or brings it to the requested release if it is installed already.</summary>
    /// <param name="request">The request; it needs a server and, for a product not enrolled yet, a token.</param>
    /// <param name="progress">Told the progress, if given.</param>
    public Task<UpdateResult> InstallAsync(
        UpdateRequest request,
        IProgress<UpdateProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return UpdateAsync("install", request, progress, cancellationToken);
    }

    /// <summary>Brings an installed product to the release that its channel names.</summary>
    /// <param name="request">The request.</param>
    /// <param name="progress">Told the progress, if given.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>,
    /// besides everything that an update may meet.</exception>
    public Task<UpdateResult> UpgradeAsync(
        UpdateRequest request,
        IProgress<UpdateProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        Open(request.Product).States.Get(request.Product);
        return UpdateAsync("upgrade", request, progress, cancellationToken);
    }

    /// <summary>Lists the installed products, sorted by name.</summary>
    public IReadOnlyList<ProductFacts> List() =>
        [.. _home.Products().Select(FactsOf).Where(facts => facts.Current is not null)];

    /// <summary>Returns the facts about one product.</summary>
    /// <param name="product">Its name.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>.</exception>
    public ProductFacts Get(string product)
    {
        Open(product).States.Get(product);
        return FactsOf(product);
    }

    /// <summary>Makes the release before the current one current again; the two change roles.</summary>
    /// <remarks>The accepted counter stays: the server cannot use a revert to go further back. Only the check of the
    /// older release can be cancelled, not the switch.</remarks>
    /// <param name="product">The product's name.</param>
    /// <returns>The release that is current now.</returns>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>NOTHING_TO_REVERT</c>, <c>NOT_AS_INSTALLED</c>: the
    /// older release is damaged, <c>ROLLBACK</c>: it is below its publisher's floor, <c>REVOKED</c>.</exception>
    public InstalledRelease Revert(string product, CancellationToken cancellationToken = default) =>
        new InstalledProduct(Open(product), TrustStore).Revert(product, cancellationToken);

    /// <summary>Compares the current release with its manifest, byte by byte.</summary>
    /// <param name="product">The product's name.</param>
    /// <returns>The differences; empty when there are none.</returns>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>.</exception>
    public IReadOnlyList<TreeDamage> Verify(string product, CancellationToken cancellationToken = default) =>
        new InstalledProduct(Open(product), TrustStore).Verify(product, cancellationToken);

    /// <summary>Removes older releases and what interrupted runs left.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="keep">How many releases stay; the current one and the one before always do.</param>
    /// <param name="isDryRun">Plan, and remove nothing.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>.</exception>
    public PrunePlan Prune(string product, int keep, bool isDryRun) =>
        new InstalledProduct(Open(product), TrustStore).Prune(product, keep, isDryRun);

    /// <summary>The steps of an update, in order: enrol, check, plan, build, switch (these four are the run), report;
    /// then older releases are pruned.</summary>
    private async Task<UpdateResult> UpdateAsync(
        string operation,
        UpdateRequest request,
        IProgress<UpdateProgress>? progress,
        CancellationToken cancellationToken)
    {
        var product = Open(request.Product);
        if (request.Version is not null)
            ReleaseVersion.Parse(request.Version);
        var server = request.Server ?? product.States.Find()?.Server
            ?? throw new ChunkOtaException(ErrorCodes.Usage, $"{request.Product} is not installed: give --server");
        var access = ServerAccess.Of(request, server, _home, TrustStore, options);

        _home.Make();
        product.Home.Make();
        using var held = product.Home.Lock();
        var state = product.States.Find() is { } left ? product.Switch.Recover(left) : null;
        var platform = PlatformOf(request, state);
        using var session = await access.OpenAsync(_home, TrustStore, options.CaFile, _clock, cancellationToken)
            .ConfigureAwait(false);

        var enrol = new EnrolStep(session, access, options);
        var trust = await enrol.RunAsync(platform, cancellationToken).ConfigureAwait(false);
        var goal = GoalOf(operation, request, platform, state, trust);
        var run = new UpdateRun(product, TrustStore, session.Updates, session.Releases, _clock, progress);
        var report = new ReportStep(product.States, session.Updates, session.Meter, _clock);
        UpdateResult result;
        try
        {
            result = await enrol.RetryingAsync(
                known => run.RunAsync(goal, state, known, cancellationToken), trust, platform, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ChunkOtaException e) when (!request.IsDryRun)
        {
            await report.FailedAsync(goal, e).ConfigureAwait(false);
            throw;
        }
        var isReported = !request.IsDryRun && await report.SucceededAsync(goal).ConfigureAwait(false);
        if (result.State == UpdateState.Installed)
            new Pruner(product).Run(request.Keep, isDryRun: false);
        return result with
        {
            IsReported = isReported,
            WireBytesUp = session.Meter.Up,
            WireBytesDown = session.Meter.Down,
            CpuSeconds = ProcessFigures.CpuSeconds,
            PeakRssBytes = ProcessFigures.PeakRssBytes,
        };
    }

    private LocalProduct Open(string product) => new(_home.Of(product), _clock);

    private ProductFacts FactsOf(string name)
    {
        var product = Open(name);
        var state = product.States.Find()
            ?? throw new ChunkOtaException(ErrorCodes.NotInstalled, $"{name} is not installed");
        var expires = new InstalledProduct(product, TrustStore).FindPointer(state)?.ExpiresUnixSeconds;
        return new ProductFacts
        {
            Product = state.Product,
            Platform = state.Platform,
            Channel = state.Channel,
            Server = state.Server,
            Current = state.CurrentRelease,
            Previous = state.PreviousRelease,
            Releases = state.Releases,
            Path = state.CurrentRelease is { } current ? product.Destination.PathOf(current.Version) : null,
            PointerExpiresUnixSeconds = expires,
            IsStale = expires < _clock.GetUtcNow().ToUnixTimeSeconds(),
            IsInterrupted = state.Pending is not null,
        };
    }

    private static RunGoal GoalOf(
        string operation, UpdateRequest request, string platform, ProductState? state, TrustRecord trust)
    {
        var channel = request.Channel ?? state?.Channel ?? trust.Channel;
        Names.CheckChannel(channel);
        return new RunGoal
        {
            Operation = operation,
            Server = trust.Server,
            Product = request.Product,
            Platform = platform,
            Channel = channel,
            Version = request.Version,
            IsDryRun = request.IsDryRun,
            Link = request.Link,
        };
    }

    private static string PlatformOf(UpdateRequest request, ProductState? state)
    {
        var platform = request.Platform ?? state?.Platform ?? ThisPlatform;
        Names.CheckPlatform(platform);
        return state is null || state.Releases.Count == 0 || platform == state.Platform
            ? platform
            : throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"{request.Product} is installed for {state.Platform} here: use another --home for {platform}");
    }

    private static string ThisPlatform
    {
        get
        {
            var architecture = RuntimeInformation.ProcessArchitecture.ToString();
#pragma warning disable CA1308 // Runtime identifiers are spelt in lower case.
            return $"linux-{architecture.ToLowerInvariant()}";
#pragma warning restore CA1308
        }
    }
}
