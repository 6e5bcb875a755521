namespace ChunkOta.Storage;

/// <summary>Deletes the releases that no reason keeps, and gives up those that were deleted long enough ago.</summary>
internal static class ReleaseSweep
{
    /// <summary>Goes through all products.</summary>
    /// <param name="run">The collection.</param>
    /// <param name="now">The time.</param>
    public static async Task RunAsync(CollectionRun run, DateTimeOffset now, CancellationToken cancellationToken)
    {
        run.Begin(CollectionPhase.Releases);
        var devicesSince = now - run.Options.DeviceLife;
        var products = await run.Catalogue.Identities.ListProductsAsync(cancellationToken).ConfigureAwait(false);
        foreach (var product in products)
        {
            await DeleteAsync(run, product.Name, devicesSince, cancellationToken).ConfigureAwait(false);
            await PurgeAsync(run, product.Name, now - run.Options.Grace, devicesSince, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private static async Task DeleteAsync(
        CollectionRun run, string product, DateTimeOffset devicesSince, CancellationToken cancellationToken)
    {
        var retention = run.Catalogue.Retention;
        var policies = await retention.ListPoliciesAsync(product, cancellationToken).ConfigureAwait(false);
        if (policies.Count == 0) return;
        var releases = await retention.ListAsync(product, devicesSince, cancellationToken).ConfigureAwait(false);
        foreach (var judged in RetentionRules.Judge(releases, policies).Where(judged => judged.Reasons.Count == 0))
        {
            await run.KeepAliveAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await retention.DeleteAsync(
                    judged.Release.Manifest, isForced: false, devicesSince, cancellationToken).ConfigureAwait(false);
            }
            catch (ChunkOtaException changed) when (
                changed.Code is ErrorCodes.InUse or ErrorCodes.ReleaseUnknown)
            {
                // Somebody needs it by now, or has deleted it.
                continue;
            }
        }
    }

    private static async Task PurgeAsync(
        CollectionRun run, string product, DateTimeOffset deletedUntil, DateTimeOffset devicesSince,
        CancellationToken cancellationToken)
    {
        var releases = await run.Catalogue.Retention.ListAsync(product, devicesSince, cancellationToken)
            .ConfigureAwait(false);
        foreach (var release in releases.Where(release => release.Deleted <= deletedUntil))
        {
            if (await run.Catalogue.Collection.PurgeAsync(
                run.Lease, release.Manifest, deletedUntil, devicesSince, cancellationToken).ConfigureAwait(false))
                run.Count(figures => figures with { Releases = figures.Releases + 1 });
        }
    }
}
