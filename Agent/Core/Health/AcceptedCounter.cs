namespace ChunkOta.Agent;

/// <summary>Raises what this device accepted, once a release is kept: nothing older is installed after that.</summary>
/// <param name="product">The product; its lock is held.</param>
/// <param name="trustStore">The trust state on disk.</param>
internal sealed class AcceptedCounter(LocalProduct product, TrustStore trustStore)
{
    /// <summary>Accepts the counter of the current release, and the floor that its manifest sets.</summary>
    /// <param name="state">The record.</param>
    public async Task RaiseAsync(ProductState state)
    {
        try
        {
            if (state.CurrentRelease is not { } release
                || product.Manifests.FindContents(release.ManifestDigest)?.Manifest is not { } manifest
                || trustStore.Load().Find(state.Server, state.Product) is not { } before
                || before.Disowned == release.ManifestDigest)
                return;
            await trustStore.UpdateAsync(
                state.Server,
                state.Product,
                now => (now ?? before) with
                {
                    AcceptedCounter = Math.Max((now ?? before).AcceptedCounter, release.Counter),
                    MinimumCounter = Math.Max((now ?? before).MinimumCounter, manifest.Floor),
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (ChunkOtaException e)
        {
            // The switch has happened. The counter of what is installed is a witness as well.
            product.Warnings.Add(e);
        }
    }
}
