using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Verifies all objects that the catalogue needs, kind by kind, in the order of their digests.</summary>
/// <remarks>
/// The position is saved every second, so that a pass goes on where a killed server left it. Memory does not depend
/// on the number of objects.
/// </remarks>
/// <param name="catalogue">Has the objects and the passes.</param>
/// <param name="releases">Reads manifests and recipes.</param>
/// <param name="watch">Verifies and marks.</param>
/// <param name="bytesPerSecond">The most bytes to read a second, on average.</param>
/// <param name="clock">The server's clock.</param>
public sealed class Scrubber(
    ICatalogue catalogue, ReleaseReader releases, DamageWatch watch, long bytesPerSecond, TimeProvider clock)
{
    private const int PageObjects = 256;

    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(1);

    /// <summary>Begins a pass, or goes on with the one that was interrupted, and completes it.</summary>
    /// <returns>The complete pass; null if another server has it.</returns>
    /// <exception cref="StoreFailedException">Store or catalogue do not answer; the pass goes on from there
    /// later.</exception>
    public async Task<FinishedPass?> RunAsync(ScrubDepth depth, CancellationToken cancellationToken)
    {
        var holder = Guid.NewGuid();
        var claimed = await catalogue.Scrubs.ClaimAsync(depth, holder, cancellationToken).ConfigureAwait(false);
        if (claimed is null) return null;
        var run = new ScrubRun(catalogue, watch, new ReadPace(bytesPerSecond, clock), holder, claimed, clock);
        try
        {
            return await run.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await run.ReleaseAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Reads and hashes every object that one release needs, and the deltas that lead to it.</summary>
    /// <param name="manifest">The release; one that is not visible needs none.</param>
    /// <returns>The number of objects that are missing or damaged.</returns>
    /// <exception cref="StoreFailedException">Store or catalogue do not answer.</exception>
    public async Task<int> VerifyReleaseAsync(Digest manifest, CancellationToken cancellationToken)
    {
        var pace = new ReadPace(bytesPerSecond, clock);
        HashSet<ObjectName> verified = [];
        var damaged = 0;
        var release = await catalogue.Releases.FindReleaseAsync(manifest, cancellationToken).ConfigureAwait(false);
        if (release is null) return damaged;
        var deltas = await catalogue.Deltas.ListAsync(release.Product, cancellationToken).ConfigureAwait(false);
        foreach (var delta in deltas.Where(delta => delta.Pair.To == manifest).Select(delta => delta.Digest))
        {
            if (delta is { } digest) _ = await VerifyAsync(ObjectName.Delta(digest)).ConfigureAwait(false);
        }

        if (!await VerifyAsync(ObjectName.Manifest(manifest)).ConfigureAwait(false)) return damaged;
        var listing = await releases.GetListingAsync(manifest, cancellationToken).ConfigureAwait(false);
        foreach (var file in listing.Files)
        {
            if (file.Recipe is { } recipe
                && !await VerifyAsync(ObjectName.Recipe(listing.Domain, recipe)).ConfigureAwait(false))
                continue;
            var chunks = await releases.GetChunksAsync(file, listing.Cut, cancellationToken).ConfigureAwait(false);
            foreach (var batch in chunks.Chunk(PageObjects))
            {
                var locations = new ChunkLocation[batch.Length];
                await catalogue.Chunks.FindAsync(
                    listing.Domain, Array.ConvertAll(batch, chunk => chunk.Hash), locations, cancellationToken)
                    .ConfigureAwait(false);
                foreach (var location in locations.Where(location => location.IsKnown))
                    _ = await VerifyAsync(ObjectName.Pack(location.Frame.Pack)).ConfigureAwait(false);
            }
        }

        return damaged;

        async ValueTask<bool> VerifyAsync(ObjectName name)
        {
            if (!verified.Add(name)) return true;
            var finding = await watch.VerifyAsync(name, ScrubDepth.Full, cancellationToken).ConfigureAwait(false);
            await pace.WaitAsync(finding?.ReadBytes ?? 0, cancellationToken).ConfigureAwait(false);
            damaged += finding?.Fault is null ? 0 : 1;
            return finding is { Fault: null };
        }
    }

    /// <summary>One holder's part of a pass.</summary>
    private sealed class ScrubRun(
        ICatalogue catalogue, DamageWatch watch, ReadPace pace, Guid holder, ScrubPass pass, TimeProvider clock)
    {
        private ScrubPass _pass = pass;
        private long _saved = clock.GetTimestamp();
        private bool _isLost;

        public async Task<FinishedPass?> CompleteAsync(CancellationToken cancellationToken)
        {
            await catalogue.Damage.ForgetUnneededAsync(cancellationToken).ConfigureAwait(false);
            foreach (var kind in ObjectName.ServerKinds.Where(kind => kind >= _pass.Kind))
            {
                if (kind != _pass.Kind) _pass = _pass with { Kind = kind, After = default };
                while (await VerifyPageAsync(cancellationToken).ConfigureAwait(false))
                {
                    if (_isLost) return null;
                }
            }

            var problem = await CheckCatalogueAsync(cancellationToken).ConfigureAwait(false);
            return await catalogue.Scrubs.FinishAsync(_pass, holder, problem, cancellationToken).ConfigureAwait(false)
                ? new FinishedPass(clock.GetUtcNow(), _pass.Objects, _pass.Bytes, _pass.Damaged, problem)
                : null;
        }

        /// <summary>Keeps the position and lets any server go on from it.</summary>
        public async Task ReleaseAsync()
        {
            try
            {
                await catalogue.Scrubs.ReleaseAsync(_pass, holder, CancellationToken.None).ConfigureAwait(false);
            }
            catch (StoreFailedException)
            {
                // The lease ends by itself.
                return;
            }
        }

        /// <returns>False at the end of the kind.</returns>
        private async Task<bool> VerifyPageAsync(CancellationToken cancellationToken)
        {
            var page = await catalogue.Damage.ListObjectsAsync(
                _pass.Kind, _pass.After, PageObjects, cancellationToken).ConfigureAwait(false);
            foreach (var listed in page)
            {
                var finding = await watch.VerifyAsync(listed, _pass.Depth, cancellationToken).ConfigureAwait(false);
                _pass = _pass with
                {
                    After = listed.Name.Digest,
                    Objects = _pass.Objects + 1,
                    Bytes = _pass.Bytes + finding.ReadBytes,
                    Damaged = _pass.Damaged + (finding.Fault is null ? 0 : 1),
                };
                await pace.WaitAsync(finding.ReadBytes, cancellationToken).ConfigureAwait(false);
                if (clock.GetElapsedTime(_saved) < SaveEvery) continue;
                _isLost = !await catalogue.Scrubs.SaveAsync(_pass, holder, cancellationToken).ConfigureAwait(false);
                _saved = clock.GetTimestamp();
                if (_isLost) break;
            }

            return page.Count > 0;
        }

        private async Task<string> CheckCatalogueAsync(CancellationToken cancellationToken)
        {
            // It may take longer than the lease, and the position is at the end.
            _ = await catalogue.Scrubs.SaveAsync(_pass, holder, cancellationToken).ConfigureAwait(false);
            return await catalogue.Damage.CheckIntegrityAsync(_pass.Depth == ScrubDepth.Full, cancellationToken)
                .ConfigureAwait(false) ?? "";
        }
    }
}
