using System.Runtime.InteropServices;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>An update of one product under its lock: enrol, check, plan, build, switch (these four are the run),
/// report; then older releases are pruned.</summary>
/// <param name="product">The product.</param>
/// <param name="home">The agent's folder.</param>
/// <param name="trustStore">The trust state on disk.</param>
/// <param name="options">The agent's settings.</param>
/// <param name="clock">The clock.</param>
internal sealed class ProductUpdate(
    LocalProduct product, AgentHome home, TrustStore trustStore, AgentOptions options, TimeProvider clock)
{
    /// <summary>The operation that may go back to an older release, which a person asks for.</summary>
    public const string RecoverOperation = "recover";

    /// <summary>Makes the update.</summary>
    /// <param name="operation">The operation, as reports name it.</param>
    /// <param name="request">The request.</param>
    /// <param name="progress">Told the progress, if given.</param>
    public async Task<UpdateResult> RunAsync(
        string operation,
        UpdateRequest request,
        IProgress<UpdateProgress>? progress,
        CancellationToken cancellationToken)
    {
        if (request.Version is { } version)
            request = request with { Version = ReleaseVersion.ParseWithBuild(version, out _).ToString() };
        var server = request.Server ?? product.States.Find()?.Server
            ?? throw new ChunkOtaException(ErrorCodes.Usage, $"{request.Product} is not installed: give --server");
        var access = ServerAccess.Of(request, server, home, trustStore, options);

        home.Make();
        product.Home.Make();
        using var held = product.Lock();
        var state = product.States.Find() is { } left ? product.Switch.Recover(left) : null;
        var update = new RequestedUpdate(operation, request, PlatformOf(request, state), state);
        var journal = request.IsDryRun ? null : new RunJournal(product.Home, clock);
        var monitor = new RunMonitor(clock, progress, journal);
        var servers = ServerList.Of(access, trustStore.Load(), request, options);
        return await LockYield.RunAsync(
            product.Home,
            clock,
            token => JournalledRun.RunAsync(journal, () => AskAsync(update, servers, monitor, token)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks one server after the other, until one gives an answer that this device accepts.</summary>
    private async Task<UpdateResult> AskAsync(
        RequestedUpdate update,
        IReadOnlyList<ServerAccess> servers,
        RunMonitor monitor,
        CancellationToken cancellationToken)
    {
        for (var i = 0; i < servers.Count - 1; i++)
        {
            try
            {
                return await AskAsync(update, servers[i], monitor, cancellationToken).ConfigureAwait(false);
            }
            catch (ChunkOtaException e) when (ServerList.IsWorthAnother(e.Code))
            {
                monitor.Wait(e, isFirst: true);
                update = update with { State = product.States.Find() };
            }
        }
        return await AskAsync(update, servers[^1], monitor, cancellationToken).ConfigureAwait(false);
    }

    private async Task<UpdateResult> AskAsync(
        RequestedUpdate update, ServerAccess access, RunMonitor monitor, CancellationToken cancellationToken)
    {
        try
        {
            return await AskOnceAsync(update, access, monitor, cancellationToken).ConfigureAwait(false);
        }
        catch (ChunkOtaException e)
            when (e.Code == ErrorCodes.TlsRefused && access.FindByToken(options) is { } fresh)
        {
            return await AskOnceAsync(update, fresh, monitor, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<UpdateResult> AskOnceAsync(
        RequestedUpdate update, ServerAccess access, RunMonitor monitor, CancellationToken cancellationToken)
    {
        var (operation, request, platform, state) = update;
        using var session = await access.OpenAsync(home, trustStore, clock, cancellationToken).ConfigureAwait(false);

        var enrol = new EnrolStep(session, access, options, new PatientCall(monitor));
        var trust = await enrol.RunAsync(platform, cancellationToken).ConfigureAwait(false);
        var policy = options.Products.GetValueOrDefault(request.Product, ProductPolicy.None);
        var goal = GoalOf(operation, request, platform, state, trust, options.BuildTime) with
        {
            Policy = policy,
            Link = request.Link ?? policy.Link,
        };
        var run = new UpdateRun(product, trustStore, session.Updates, session.Releases, monitor);
        var report = new ReportStep(product, session.Updates, session.Meter, clock);
        UpdateResult result;
        var telling = new ProgressReports(goal, monitor, session.Updates);
        try
        {
            await using (telling.ConfigureAwait(false))
            {
                result = await enrol.RetryingAsync(
                    known => run.RunAsync(goal, state, known, cancellationToken), trust, platform, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        catch (ChunkOtaException e) when (!request.IsDryRun)
        {
            await report.FailedAsync(goal, monitor.Latest.Stage, e).ConfigureAwait(false);
            throw;
        }
        var isReported = !request.IsDryRun && await report.SucceededAsync(goal, result.Rejected).ConfigureAwait(false);
        if (result.State == UpdateState.Installed)
            Prune(request.Keep ?? policy.Keep);
        return result with
        {
            Warnings = [.. product.Warnings.Select(warning => OneLine.Of(warning.Message))],
            NeedsRestart = result.State == UpdateState.OnTrial && product.WaitsForRestart,
            IsReported = isReported,
            NextCheckSeconds = session.NextPollSeconds,
            WireBytesUp = session.Meter.Up,
            WireBytesDown = session.Meter.Down,
            CpuSeconds = ProcessFigures.CpuSeconds,
            PeakRssBytes = ProcessFigures.PeakRssBytes,
        };
    }

    /// <summary>Removes what is not needed any more. The new release runs: a failure here is a warning.</summary>
    private void Prune(int keep)
    {
        try
        {
            var pruned = new Pruner(product).Run(keep, isDryRun: false);
            foreach (var kept in pruned.Kept)
            {
                product.Warnings.Add(new ChunkOtaException(
                    ErrorCodes.Busy, $"{kept.Version} is not needed any more and stays: {kept.Cause}"));
            }
            product.Warn(pruned.Left);
        }
        catch (ChunkOtaException e)
        {
            product.Warnings.Add(e);
        }
    }

    private static RunGoal GoalOf(
        string operation,
        UpdateRequest request,
        string platform,
        ProductState? state,
        TrustRecord trust,
        DateTimeOffset buildTime)
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
            BuildTime = buildTime,
            IsDryRun = request.IsDryRun,
            VerifiesInFull = request.VerifiesInFull,
            AllowsOlder = operation == RecoverOperation,
            StopBeforeSwitch = request.StopBeforeSwitch,
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

    /// <summary>An update that was asked for, with what is installed; its lock is held.</summary>
    private sealed record RequestedUpdate(
        string Operation, UpdateRequest Request, string Platform, ProductState? State);
}
