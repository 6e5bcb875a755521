using System.Runtime.InteropServices;
using ChunkOta.Client;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Installs and upgrades products from servers: the engine behind the command line, and for embedding.</summary>
/// <remarks>
/// A run either makes the new release current or leaves what is installed as it was; what it fetched serves the next
/// run. One run at a time works on a product of a home, whichever process makes it: another fails with <c>BUSY</c>.
/// Every method throws <see cref="ChunkOtaException"/> with a stable code.
/// </remarks>
/// <param name="options">How to work.</param>
/// <param name="clock">The clock; the system's when null.</param>
public sealed class UpdateEngine(AgentOptions options, TimeProvider? clock = null)
{
    private readonly TimeProvider _time = clock ?? TimeProvider.System;
    private readonly AgentHome _home = new(options.Home);
    private readonly SymlinkActivation _activation = new();

    /// <summary>Installs a product, or brings it to what was asked for if it is installed already.</summary>
    /// <param name="request">What is wanted; a server and, for a product not enrolled yet, a token are needed.</param>
    /// <param name="progress">Told where the run is, if given.</param>
    public Task<UpdateResult> InstallAsync(
        UpdateRequest request, IProgress<UpdateProgress>? progress = null, CancellationToken cancellationToken = default) =>
        RunAsync("install", request, progress, cancellationToken);

    /// <summary>Brings an installed product to what its channel says.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="progress">Told where the run is, if given.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, besides all that an update may meet.</exception>
    public Task<UpdateResult> UpgradeAsync(
        UpdateRequest request, IProgress<UpdateProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        new StateStore(_home.Of(request.Product)).Get(request.Product);
        return RunAsync("upgrade", request, progress, cancellationToken);
    }

    private async Task<UpdateResult> RunAsync(
        string operation, UpdateRequest request, IProgress<UpdateProgress>? progress, CancellationToken cancellationToken)
    {
        var product = _home.Of(request.Product);
        if (request.Version is not null)
            ReleaseVersion.Parse(request.Version);
        var states = new StateStore(product);
        var server = request.Server ?? states.Find()?.Server
            ?? throw new ChunkOtaException(ErrorCodes.Usage, $"{request.Product} is not installed: give --server");
        var trustStore = new TrustStore(_home, _time);
        var known = FindTrust(trustStore, server, request);
        var address = ServerAddress.Parse(server, options.IsPlaintextAllowed || known?.IsPlaintextAllowed == true);
        var token = request.InstallToken is null ? null : InstallToken.Parse(request.InstallToken);
        // A server knows a device by its key: with another key it is another device, whatever was trusted.
        var isEnrolled = known is not null && DeviceKey.Exists(_home);
        RequireToken(request.Product, address, isEnrolled, known, token);

        _home.Make();
        product.Make();
        using var held = product.Lock();
        var state = states.Find() is { } left
            ? new ReleaseSwitch(product, states, _activation, _time).Recover(left)
            : null;
        var platform = PlatformOf(request, state);
        using var session = await OpenAsync(trustStore, address, known, token, cancellationToken).ConfigureAwait(false);
        var trust = isEnrolled
            ? known!
            : await EnrolAsync(session, address, token!, request, platform, known, cancellationToken).ConfigureAwait(false);
        session.BeDevice(trust.DeviceId);
        var target = new RunGoal(
            operation,
            trust.Server,
            request.Product,
            platform,
            request.Channel ?? state?.Channel ?? trust.Channel,
            request.Version,
            request.IsDryRun,
            request.Link);
        Names.CheckChannel(target.Channel);
        var run = new UpdateRun(product, trustStore, session.Source, _activation, _time, progress);
        var reports = new RunReports(states, session.Source, session.Meter, _time);
        UpdateResult result;
        try
        {
            result = await RunAsync(
                run, target, state, trust,
                token is null ? null : () => EnrolAsync(
                    session, address, token, request, platform, trust, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
        catch (ChunkOtaException e) when (!request.IsDryRun)
        {
            await reports.TellFailureAsync(target, e).ConfigureAwait(false);
            throw;
        }
        var isReported = !request.IsDryRun && await reports.TellSuccessAsync(target).ConfigureAwait(false);
        if (result.State == UpdateState.Installed)
            new Pruner(product, states).Run(request.Keep, isDryRun: false);
        return result with
        {
            IsReported = isReported,
            WireBytesUp = session.Meter.Up,
            WireBytesDown = session.Meter.Down,
            CpuSeconds = ProcessFigures.CpuSeconds,
            PeakRssBytes = ProcessFigures.PeakRssBytes,
        };
    }

    /// <summary>Runs, and once more after enrolling again if the server has forgotten this device.</summary>
    private static async Task<UpdateResult> RunAsync(
        UpdateRun run,
        RunGoal target,
        ProductState? state,
        TrustRecord trust,
        Func<Task<TrustRecord>>? enrol,
        CancellationToken cancellationToken)
    {
        try
        {
            return await run.RunAsync(target, state, trust, cancellationToken).ConfigureAwait(false);
        }
        catch (ChunkOtaException e) when (e.Code == ErrorCodes.DeviceUnknown && enrol is not null)
        {
            trust = await enrol().ConfigureAwait(false);
            return await run.RunAsync(target, state, trust, cancellationToken).ConfigureAwait(false);
        }
    }

    private static TrustRecord? FindTrust(TrustStore store, string server, UpdateRequest request)
    {
        var document = store.Load();
        if (document.Find(server, request.Product) is { } exact)
            return exact;
        return Uri.TryCreate(server, UriKind.Absolute, out _)
            ? document.Find(ServerAddress.Parse(server, allowPlaintext: true).ToString(), request.Product)
            : null;
    }

    private static void RequireToken(
        string product, ServerAddress address, bool isEnrolled, TrustRecord? known, InstallToken? token)
    {
        if (!isEnrolled && token is null)
        {
            throw new ChunkOtaException(
                ErrorCodes.Usage, $"this device is not enrolled for {product} at {address}: give --install-token");
        }
        if (known is not null && token is not null && token.RootDigest != known.PinnedRoot)
        {
            throw new ChunkOtaException(
                ErrorCodes.RootChain,
                $"the install token names another trust root than the one this device trusts for {product} at {address}");
        }
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

    private async Task<ServerSession> OpenAsync(
        TrustStore trustStore,
        ServerAddress address,
        TrustRecord? known,
        InstallToken? token,
        CancellationToken cancellationToken)
    {
        var caFile = options.CaFile ?? known?.CaFile;
        var pin = known is not null
            ? (known.SpkiSha256 is { } hex ? Convert.FromHexString(hex) : null)
            : (token is { PinsServer: true } ? token.SpkiSha256.ToArray() : null);
        var trust = caFile is not null ? ServerTrust.FromFile(caFile)
            : pin is not null ? ServerTrust.Pinned(pin, _time)
            : ServerTrust.System;
        using var held = await trustStore.LockAsync(cancellationToken).ConfigureAwait(false);
        return new ServerSession(address, trust, DeviceKey.OpenOrCreate(_home), _time);
    }

    /// <summary>Enrols the device; what it holds true from then on is kept when the first check has proved it.</summary>
    private async Task<TrustRecord> EnrolAsync(
        ServerSession session,
        ServerAddress address,
        InstallToken token,
        UpdateRequest request,
        string platform,
        TrustRecord? known,
        CancellationToken cancellationToken)
    {
        var response = await session.EnrolAsync(token, request.Product, platform, cancellationToken).ConfigureAwait(false);
        // Being enrolled again changes who the device is, not what it has accepted.
        return known is not null ? known with { DeviceId = response.DeviceId } : new TrustRecord
        {
            Server = address.ToString(),
            Product = request.Product,
            DeviceId = response.DeviceId,
            Channel = response.Channel,
            PinnedRoot = token.RootDigest,
            SpkiSha256 = token.PinsServer ? Convert.ToHexStringLower(token.SpkiSha256.Span) : null,
            CaFile = options.CaFile is null ? null : Path.GetFullPath(options.CaFile),
            IsPlaintextAllowed = options.IsPlaintextAllowed,
            MinimumCounter = token.MinimumCounter,
        };
    }
}
