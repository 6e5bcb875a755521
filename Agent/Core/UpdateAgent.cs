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

    private EnrolledServer Servers => new(_home, TrustStore, options, _clock);

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
        Open(request.Product).States.GetFollowed(request.Product);
        return UpdateAsync("upgrade", request, progress, cancellationToken);
    }

    /// <summary>Lists the names of the installed products, sorted, with those whose record cannot be read.</summary>
    public IReadOnlyList<string> ListNames() => [.. _home.Products().Where(IsInstalled)];

    /// <summary>Lists the installed products, sorted by name.</summary>
    public IReadOnlyList<ProductSummary> List() => [.. ListNames().Select(SummaryOf)];

    /// <summary>Returns the summary of one product.</summary>
    /// <param name="product">Its name.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>.</exception>
    public ProductSummary Get(string product)
    {
        var local = Open(product);
        if (local.States.Find() is not { IsFollowed: true }
            && RunSummary.Find(local.Home, null)?.Describe() is { } run)
            throw new ChunkOtaException(ErrorCodes.NotInstalled, $"{product} is not installed yet: {run}");
        local.States.GetFollowed(product);
        return SummaryOf(product);
    }

    /// <summary>Makes the release before the current one current again; the two change roles.</summary>
    /// <remarks>The accepted counter stays: the server cannot use a revert to go further back. Only the check of the
    /// older release can be cancelled, not the switch.</remarks>
    /// <param name="product">The product's name.</param>
    /// <param name="version">The version, which is installed; null for the one before the current one.</param>
    /// <returns>The release that is current now.</returns>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>NOTHING_TO_REVERT</c>, <c>NOT_AS_INSTALLED</c>: the
    /// older release is damaged, <c>ROLLBACK</c>: it is below its publisher's floor, <c>REVOKED</c>.</exception>
    public InstalledRelease Revert(
        string product, string? version = null, CancellationToken cancellationToken = default) =>
        new InstalledProduct(Open(product), TrustStore).Revert(product, version, cancellationToken);

    /// <summary>Lists the installed releases that are not current and that processes still use, as far as this user can
    /// see.</summary>
    /// <param name="product">The product's name.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>.</exception>
    public IReadOnlyList<KeptRelease> FindUses(string product) =>
        new InstalledProduct(Open(product), TrustStore).FindUses(product);

    /// <summary>Holds a product at its release: upgrades leave it alone until <see cref="Unhold"/>.</summary>
    /// <param name="product">The product's name.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>.</exception>
    public void Hold(string product) =>
        new InstalledProduct(Open(product), TrustStore).Hold(product, _clock.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>Lets a product follow its channel again, also to releases that this device has rejected.</summary>
    /// <param name="product">The product's name.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>.</exception>
    public void Unhold(string product) =>
        new InstalledProduct(Open(product), TrustStore).Hold(product, heldSince: null);

    /// <summary>Confirms that the current release works, as an application or a person.</summary>
    /// <param name="product">The product's name.</param>
    /// <returns>True when the release is kept; false when other proofs are still missing.</returns>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>; <c>HEALTH_FAILED</c>: it was too
    /// late.</exception>
    public Task<bool> ConfirmAsync(string product) =>
        WithTrialAsync(product, (gate, state) => gate.NoteAsync(state, trial => trial with { IsConfirmed = true }));

    /// <summary>Starts a program of the current release, which takes this process' place. While the release is on trial
    /// and has to be started, the program is a child, and its starts are counted.</summary>
    /// <remarks>It contacts no server, and needs no lock to start the program.</remarks>
    /// <param name="product">The product's name.</param>
    /// <param name="command">The program's path below the release's tree, and its arguments.</param>
    /// <param name="warn">Gets lines for people.</param>
    /// <returns>The program's exit code, if it was a child; 128 and the signal's number if a signal ended it.</returns>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>USAGE</c>: there is no such program.</exception>
    public Task<int> RunAsync(string product, IReadOnlyList<string> command, Action<string> warn)
    {
        var local = Open(product);
        var gate = new HealthGate(local, PolicyOf(product), TrustStore, _clock);
        if (new InstalledProduct(local, TrustStore).IsCurrentWithdrawn())
            warn($"the current release of {product} was withdrawn by its publisher: run ota-agent upgrade {product}");
        return new ProgramLauncher(local, gate, _clock, warn).RunAsync(product, command);
    }

    /// <summary>Answers the question whether a release that is staged may become current, and wakes <c>watch</c>.
    /// </summary>
    /// <param name="product">The product's name.</param>
    /// <param name="isConsented">True to make it current, false not to; null to be asked again.</param>
    /// <param name="askAgain">When to be asked again; null for now.</param>
    /// <returns>True when <c>watch</c> runs, and acts on it.</returns>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>; <c>USAGE</c>: nothing is
    /// staged.</exception>
    public bool Consent(string product, bool? isConsented, DateTimeOffset? askAgain)
    {
        new InstalledProduct(Open(product), TrustStore).Answer(product, isConsented, askAgain);
        return WatchLock.TryWake(_home);
    }

    /// <summary>Compares the current release with its manifest, byte by byte.</summary>
    /// <param name="product">The product's name.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>.</exception>
    public TreeFindings Verify(string product, CancellationToken cancellationToken = default) =>
        new InstalledProduct(Open(product), TrustStore).Verify(product, cancellationToken);

    /// <summary>Makes an installed release what its manifest says again: damaged, missing and changed entries are
    /// restored, from good chunks on this disk and the rest from the server. What others have added stays.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="version">The version, which is installed; null for the current one.</param>
    /// <param name="progress">Told the progress, if given.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>, <c>DISK_FULL</c>; everything that a
    /// download may meet: nothing has changed then.</exception>
    public Task<RepairResult> RepairAsync(
        string product,
        string? version = null,
        IProgress<UpdateProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        new RepairRun(Open(product), TrustStore, Servers, options.BuildTime, new RunMonitor(_clock, progress))
            .RunAsync(product, version, cancellationToken);

    /// <summary>Examines everything that an update needs: folder, disk, keys, trust, clock, releases, server.</summary>
    /// <remarks>Works on a full disk and on a read-only home. The server has ten seconds to answer.</remarks>
    /// <param name="product">The one product to examine; null for every installed one.</param>
    /// <param name="fixes">True to put right what is safe to put right.</param>
    /// <param name="known">Findings of the caller, which the report begins with; null for none.</param>
    public Task<DoctorReport> DiagnoseAsync(
        string? product = null,
        bool fixes = false,
        IReadOnlyList<DoctorFinding>? known = null,
        CancellationToken cancellationToken = default) =>
        new Doctor(_home, TrustStore, options, _clock).RunAsync(product, fixes, known ?? [], cancellationToken);

    /// <summary>If the current release is damaged or not allowed any more, walks back through the kept ones to one that
    /// verifies in full, and then through the anchors of the server.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="agrees">Is asked before a release is made current: its version, and what is wrong with the current
    /// one.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>; <c>NOTHING_TO_REVERT</c>: none can be
    /// used, and nothing has changed.</exception>
    public async Task<RecoverResult> RecoverAsync(
        string product, Func<string, string, bool> agrees, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agrees);
        var attempt = new Recovery(Open(product), TrustStore).Run(product, agrees, cancellationToken);
        return attempt.Found
            ?? await new AnchorRecovery(Open(product), Servers, InstallAnchorAsync, _clock)
                .RunAsync(product, attempt, agrees, cancellationToken).ConfigureAwait(false);

        Task<UpdateResult> InstallAnchorAsync(string version, CancellationToken token) => UpdateAsync(
            ProductUpdate.RecoverOperation,
            new UpdateRequest { Product = product, Version = version },
            progress: null,
            token);
    }

    /// <summary>Removes older releases and what interrupted runs left.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="keep">How many releases stay; the current one and the one before always do. Null for what the
    /// product's policy says.</param>
    /// <param name="isDryRun">Plan, and remove nothing.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>.</exception>
    public PrunePlan Prune(string product, int? keep, bool isDryRun) =>
        new InstalledProduct(Open(product), TrustStore).Prune(product, keep ?? PolicyOf(product).Keep, isDryRun);

    /// <summary>Chooses the slot that a machine starts from: one whose image a trusted key has signed.</summary>
    /// <param name="request">The request.</param>
    /// <exception cref="ChunkOtaException"><c>SLOT_UNVERIFIED</c>; <c>CONFIG_INVALID</c>: the product has no
    /// slots.</exception>
    public BootReport Boot(BootRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var product = Open(request.Product);
        return product.Slots is { } slots
            ? new VerifiedBoot(product, slots, TrustStore).Run(request)
            : throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid, $"{request.Product} has no slots: set Products:{request.Product}:Slots");
    }

    /// <summary>Changes how the server of an installed product is verified, or where it is found; what its publisher
    /// signs is trusted as before.</summary>
    /// <param name="request">The request.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>, <c>USAGE</c>, <c>ROOT_CHAIN</c>,
    /// <c>TLS_REFUSED</c>, <c>SERVER_UNAVAILABLE</c>: nothing has changed.</exception>
    public Task<TrustedProduct> TrustAsync(TrustRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new TrustChange(_home, Open(request.Product), TrustStore, options, _clock)
            .RunAsync(request, cancellationToken);
    }

    private Task<UpdateResult> UpdateAsync(
        string operation,
        UpdateRequest request,
        IProgress<UpdateProgress>? progress,
        CancellationToken cancellationToken) =>
        new ProductUpdate(Open(request.Product), _home, TrustStore, options, _clock)
            .RunAsync(operation, request, progress, cancellationToken);

    /// <summary>Changes the trial of the current release, if there is one.</summary>
    /// <returns>True when there is none afterwards.</returns>
    private async Task<bool> WithTrialAsync(
        string name, Func<HealthGate, ProductState, Task<ProductState>> change)
    {
        var product = Open(name);
        product.States.Get(name);
        using var held = product.LockForPerson(CancellationToken.None);
        var state = product.Switch.Recover(product.States.Get(name));
        if (state.Trial is null)
        {
            // The process that ended the trial may have died before it did this.
            await new AcceptedCounter(product, TrustStore).RaiseAsync(state).ConfigureAwait(false);
            // A first release whose proof failed stays for want of another one: whoever confirms it knows better.
            if (state.Current is { } current && state.FindRejected(current) is not null)
                product.States.Save(state.WithoutRejected(current));
            return true;
        }
        var gate = new HealthGate(product, PolicyOf(name), TrustStore, _clock);
        return (await change(gate, state).ConfigureAwait(false)).Trial is null;
    }

    /// <summary>Reads the record of a product; null when there is none.</summary>
    internal ProductState? FindState(string product) => Open(product).States.Find();

    /// <summary>Finds the time that the trial of the current release may still take; null when there is none, or when
    /// it begins with the next start of the machine.</summary>
    /// <param name="product">The product's name.</param>
    internal TimeSpan? FindTrialTimeLeft(string product)
    {
        var local = Open(product);
        return local.States.Find() is { Trial: { } trial, CurrentRelease: { } current }
            && local.Activation.FindStart(current) != ReleaseStart.Waiting
                ? TimeSpan.FromSeconds(TrialRules.RemainingSeconds(trial, MachineBoot.Now(_clock)))
                : null;
    }

    /// <summary>Judges the current release if it is on trial; no server is asked.</summary>
    /// <param name="product">The product's name.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>; <c>HEALTH_FAILED</c>: the release before
    /// it is current again.</exception>
    internal async Task SettleTrialAsync(string product, CancellationToken cancellationToken)
    {
        var local = Open(product);
        if (local.States.Find()?.Trial is null)
            return;
        using var held = local.Lock();
        var state = local.Switch.Recover(local.States.Get(product));
        var gate = new HealthGate(local, PolicyOf(product), TrustStore, _clock);
        await LockYield.RunAsync(local.Home, _clock, token => gate.SettleAsync(state, token), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Prepares a connection by which the server of an installed product tells of new releases.</summary>
    /// <param name="product">The product's name.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>; <c>USAGE</c>: the device is not enrolled.</exception>
    internal ServerListener Listen(string product)
    {
        var request = new UpdateRequest { Product = product };
        return ServerAccess.Of(request, Open(product).States.GetFollowed(product).Server, _home, TrustStore, options)
            .Listen(_home, _clock);
    }

    private ProductPolicy PolicyOf(string product) =>
        options.Products.GetValueOrDefault(product, ProductPolicy.None);

    private LocalProduct Open(string product) => new(_home.Of(product), _clock, PolicyOf(product));

    private bool IsInstalled(string name)
    {
        try
        {
            return Open(name).States.Find() is { IsFollowed: true };
        }
        catch (ChunkOtaException)
        {
            return true;
        }
    }

    private ProductSummary SummaryOf(string name)
    {
        var product = Open(name);
        var state = product.States.Find()
            ?? throw new ChunkOtaException(ErrorCodes.NotInstalled, $"{name} is not installed");
        (state, var linkProblem) = product.Observe(state);
        var installed = new InstalledProduct(product, TrustStore);
        var pointer = installed.FindPointer(state);
        var trust = installed.FindTrust(state);
        var health = TrustHealth.Of(state, trust, pointer, _clock, options.BuildTime);
        var usesTls = state.Server.StartsWith(Uri.UriSchemeHttps, StringComparison.Ordinal);
        return new ProductSummary
        {
            Product = state.Product,
            Platform = state.Platform,
            Channel = state.Channel,
            Server = state.Server,
            ServerTrust = trust is null || !usesTls ? null : ServerIdentity.Of(trust).ToSummary(),
            Current = state.CurrentRelease,
            Previous = state.PreviousRelease,
            Releases = state.Releases,
            Path = state.CurrentRelease is { } current ? product.Destination.PathOf(current.Version) : null,
            IsWithdrawn = InstalledProduct.IsWithdrawn(state, pointer),
            PointerExpiresUnixSeconds = health.PointerExpires?.ToUnixTimeSeconds(),
            RootExpiresUnixSeconds = health.RootExpires?.ToUnixTimeSeconds(),
            IsStale = health.Problem is not null,
            Problem = health.Problem ?? state.Refused?.Text,
            RefusedCode = state.Refused?.Code,
            Warnings = linkProblem is null ? health.Warnings : [linkProblem, .. health.Warnings],
            Run = RunSummary.Find(product.Home, state),
            IsInterrupted = state.Pending is not null,
            Staged = state.Staged is { } staged && staged.ManifestDigest != state.Current
                ? StagedSummary.Of(staged, PolicyOf(name).Mode, _clock.GetUtcNow())
                : null,
            IsOnTrial = state.Trial is not null,
            HealthFailure = state.Current is { } failed ? state.FindRejected(failed)?.Cause : null,
            HeldSinceUnixSeconds = state.HeldSinceUnixSeconds,
            Rejected = state.Rejected,
        };
    }
}
