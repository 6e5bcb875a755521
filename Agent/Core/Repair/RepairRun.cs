namespace ChunkOta.Agent;

/// <summary>One repair of one installed release, asked for by a person.</summary>
/// <param name="product">The product.</param>
/// <param name="trustStore">The trust state on disk.</param>
/// <param name="servers">Opens connections.</param>
/// <param name="buildTime">When this agent was built.</param>
/// <param name="monitor">Told the progress; it has the clock.</param>
internal sealed class RepairRun(
    LocalProduct product,
    TrustStore trustStore,
    EnrolledServer servers,
    DateTimeOffset buildTime,
    RunMonitor monitor)
{
    /// <summary>Checks every byte of a release, and repairs what differs. The server is asked only for what this disk
    /// lacks.</summary>
    /// <param name="name">The product's name.</param>
    /// <param name="version">The version, which is installed; null for the current one.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>; <c>DIGEST_MISMATCH</c>: the manifest is
    /// lost, and the server has another one; everything that a repair may meet.</exception>
    public async Task<RepairResult> RunAsync(string name, string? version, CancellationToken cancellationToken)
    {
        product.States.Get(name);
        using var held = product.LockForPerson(cancellationToken);
        return await LockYield.RunAsync(
            product.Home, monitor.Clock, token => RunLockedAsync(name, version, token), cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task<RepairResult> RunLockedAsync(string name, string? version, CancellationToken cancellationToken)
    {
        var state = product.Switch.Recover(product.States.Get(name));
        var release = FindRelease(state, version);
        using var server = new LateServer(() => servers.Open(state));
        var contents = product.Manifests.FindContents(release.ManifestDigest)
            ?? await FetchManifestAsync(state, release, server, cancellationToken).ConfigureAwait(false);
        monitor.Enter(UpdateStage.Checking);
        var findings = product.Destination.Check(release.Version, contents, cancellationToken);
        var repair = findings.Repairable.Any()
            ? await new ReleaseRepair(product, server, monitor)
                .RunAsync(state, release, contents, findings, isFull: true, cancellationToken).ConfigureAwait(false)
            : new MadeRepair([], 0);
        return new RepairResult(name, release.Version, repair.Damage, findings.Extra)
        {
            FetchedChunkBytes = repair.FetchedBytes,
            WireBytesUp = server.WireBytesUp,
            WireBytesDown = server.WireBytesDown,
        };
    }

    private static InstalledRelease FindRelease(ProductState state, string? version)
    {
        var release = version is null
            ? state.CurrentRelease
            : state.Releases.FirstOrDefault(release => release.Version == version);
        return release ?? throw new ChunkOtaException(
            ErrorCodes.NotInstalled,
            $"{state.Product} {version} is not installed here: ota-agent show {state.Product} lists the releases that "
            + "are");
    }

    /// <summary>Fetches the manifest of a release that is installed. It may be older than what is accepted for
    /// installing, but it must be the one that the record names.</summary>
    private async Task<ReleaseContents> FetchManifestAsync(
        ProductState state, InstalledRelease release, LateServer server, CancellationToken cancellationToken)
    {
        var session = server.Session;
        var trust = trustStore.Load().Find(state.Server, state.Product)
            ?? throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"this device is not enrolled for {state.Product} at {state.Server}: run install with a token");
        var time = new DeviceTime(
            monitor.Clock.GetUtcNow(), DateTimeOffset.FromUnixTimeSeconds(trust.TimeFloorUnixSeconds), buildTime);
        var question = new UpdateQuestion
        {
            Product = state.Product,
            Platform = state.Platform,
            Channel = state.Channel,
            Version = release.Version,
            AllowsOlder = true,
        };
        var check = new UpdateCheck(session.Updates, product.Manifests, trust, null, time);
        var accepted = await new PatientCall(monitor, () => session.Updates.HeldTransferBytes)
            .RunAsync(() => check.RunAsync(question, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (accepted.Manifest.Digest != release.ManifestDigest)
        {
            throw new ChunkOtaException(
                ErrorCodes.DigestMismatch,
                $"the manifest of {state.Product} {release.Version} is lost, and the server has another release of "
                + "that version: install a newer one");
        }
        product.Manifests.Save(accepted.Manifest.Digest, accepted.Manifest.Envelope);
        return accepted.Release;
    }
}
