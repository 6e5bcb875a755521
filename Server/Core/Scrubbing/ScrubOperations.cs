using System.Runtime.CompilerServices;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>Verifies the store on request, and lists what it lost.</summary>
public sealed class ScrubOperations
{
    private const int PageObjects = 256;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    private readonly Store _store;
    private readonly ScrubWorker _worker;

    /// <param name="store">Has passes and marks.</param>
    /// <param name="worker">Runs the passes.</param>
    internal ScrubOperations(Store store, ScrubWorker worker) => (_store, _worker) = (store, worker);

    /// <summary>Asks for a pass and follows it to its end. The pass goes on if the caller leaves.</summary>
    /// <param name="caller">An administrator.</param>
    /// <param name="depth">How closely to look.</param>
    /// <returns>The state of the pass whenever it changes; the last one is complete.</returns>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED.</exception>
    public async IAsyncEnumerable<ScrubPass> VerifyAsync(
        Caller caller, ScrubDepth depth, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        var scrubs = _store.Catalogue.Scrubs;
        await scrubs.RequestAsync(depth, cancellationToken);
        _worker.Wake(depth);
        ScrubPass? last = null;
        while (true)
        {
            var pass = await scrubs.ReadAsync(depth, cancellationToken);
            if (pass != last) yield return pass;
            if (pass is { Requested: null, Started: null }) yield break;
            last = pass;
            await Task.Delay(LookEvery, cancellationToken);
        }
    }

    /// <summary>The bytes that a full pass reads, about.</summary>
    public async Task<long> ReadStoredBytesAsync(CancellationToken cancellationToken) =>
        (await _store.Catalogue.Releases.ReadStoreFiguresAsync(cancellationToken)).StoredBytes;

    /// <summary>The objects that are missing or damaged.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED.</exception>
    public async IAsyncEnumerable<DamagedObject> ListDamagedAsync(
        Caller caller, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        for (ObjectName? after = null; ;)
        {
            var page = await _store.Catalogue.Damage.ListAsync(after, PageObjects, cancellationToken);
            foreach (var damaged in page) yield return damaged;
            if (page.Count < PageObjects) yield break;
            after = page[^1].Name;
        }
    }

    /// <summary>The releases that the store cannot deliver as a whole.</summary>
    /// <param name="caller">An administrator.</param>
    /// <param name="product">Null for all.</param>
    /// <param name="always">Look even if nothing is marked.</param>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN.</exception>
    public async IAsyncEnumerable<AffectedRelease> ListAffectedAsync(
        Caller caller, string? product, bool always, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        var scope = await _store.Catalogue.Identities.GetScopeAsync(caller, product, cancellationToken);
        if (!always && !await _store.Catalogue.Damage.HasAnyAsync(cancellationToken)) yield break;
        await foreach (var affected in _store.Scrubbing.Affected.FindAsync(scope, cancellationToken))
            yield return affected;
    }
}
