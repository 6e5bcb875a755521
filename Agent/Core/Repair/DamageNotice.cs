namespace ChunkOta.Agent;

/// <summary>Notices that the current release is damaged, and repairs it: a run that has nothing to install must not say
/// that all is well.</summary>
/// <param name="product">The product; its lock is held.</param>
/// <param name="source">The source of chunks and recipes.</param>
/// <param name="monitor">Told the progress.</param>
internal sealed class DamageNotice(LocalProduct product, IReleaseSource source, RunMonitor monitor)
{
    /// <summary>Checks the current release, and repairs it if it is damaged.</summary>
    /// <param name="state">The record of what is installed.</param>
    /// <param name="isFull">True to hash every file, not only those that look changed.</param>
    /// <param name="isDryRun">True to repair nothing: damage becomes a warning.</param>
    /// <returns>Null when nothing had to be repaired.</returns>
    /// <exception cref="ChunkOtaException">As for <see cref="ReleaseRepair"/>.</exception>
    public async Task<MadeRepair?> RunAsync(
        ProductState state, bool isFull, bool isDryRun, CancellationToken cancellationToken)
    {
        if (state.CurrentRelease is not { } current
            || product.Manifests.FindContents(current.ManifestDigest) is not { } contents)
            return null;
        var findings = isFull
            ? product.Destination.Check(current.Version, contents, cancellationToken)
            : product.Destination.CheckQuickly(current.Version, contents, cancellationToken);
        if (findings.Damage.Count == 0)
            return null;
        if (isDryRun)
        {
            product.Warnings.Add(new ChunkOtaException(
                ErrorCodes.NotAsInstalled,
                $"{state.Product} {current.Version} is damaged and would be repaired: {findings.Damage[0].Path}: "
                + findings.Damage[0].What));
            return null;
        }
        return await new ReleaseRepair(product, source, monitor)
            .RunAsync(state, current, contents, findings, isFull, cancellationToken).ConfigureAwait(false);
    }
}
