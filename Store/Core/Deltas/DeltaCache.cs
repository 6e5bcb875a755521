using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The deltas that are stored: rows and objects together, within a bound.</summary>
/// <remarks>
/// A delta is never needed, so a lost or damaged one is forgotten and is not a failure. Any number of callers at
/// once.
/// </remarks>
/// <param name="objects">Where the objects lie.</param>
/// <param name="deltas">Their rows.</param>
/// <param name="maxBytes">Bytes of all objects together.</param>
public sealed class DeltaCache(IPrunableObjectStore objects, IDeltaCatalogue deltas, long maxBytes)
{
    /// <summary>The deltas of a pair that are there, smallest first.</summary>
    /// <remarks>A quick one stays beside the best one for a while: a device may have half of it. Those whose object is
    /// gone are forgotten.</remarks>
    public async Task<IReadOnlyList<DeltaRecord>> FindAsync(DeltaPair pair, CancellationToken cancellationToken)
    {
        List<DeltaRecord> found = [];
        foreach (var delta in await deltas.FindAsync(pair, cancellationToken).ConfigureAwait(false))
        {
            if (delta.Digest is not null && await IsThereAsync(delta, cancellationToken).ConfigureAwait(false))
                found.Add(delta);
        }

        return [.. found.OrderBy(delta => delta.Bytes)];
    }

    /// <summary>The delta of a name that leads to a release, if it is there.</summary>
    /// <param name="digest">Its name.</param>
    /// <param name="to">The manifest of the release.</param>
    public async Task<DeltaRecord?> FindAsync(Digest digest, Digest to, CancellationToken cancellationToken) =>
        await deltas.FindAsync(digest, cancellationToken).ConfigureAwait(false) is { } delta && delta.Pair.To == to
            && await IsThereAsync(delta, cancellationToken).ConfigureAwait(false)
            ? delta
            : null;

    /// <summary>Fills the destination with exactly its length in bytes of a delta, from an offset on.</summary>
    /// <param name="delta">One whose <see cref="DeltaRecord.Digest"/> is not null.</param>
    /// <param name="offset">Of its first byte in the delta.</param>
    /// <param name="destination">Where the bytes go.</param>
    /// <exception cref="ObjectMissingException">It is gone.</exception>
    /// <exception cref="ObjectDamagedException">It is shorter.</exception>
    public ValueTask ReadAsync(
        DeltaRecord delta, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delta);
        return objects.ReadAsync(ObjectName.Delta(delta.Digest!.Value), offset, destination, cancellationToken);
    }

    /// <summary>Adds a delta that was built and evicts others beyond the bound. A delta longer than the bound is not
    /// kept.</summary>
    public async Task AddAsync(NewDelta delta, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delta);
        if (delta.Digest is { } tooLong && delta.Bytes > maxBytes)
        {
            await DeleteAsync(tooLong, cancellationToken).ConfigureAwait(false);
            delta = delta with { Digest = null };
        }

        if (await deltas.AddAsync(delta, cancellationToken).ConfigureAwait(false) is { } replaced)
            await DeleteAsync(replaced, cancellationToken).ConfigureAwait(false);
        foreach (var gone in await deltas.TrimAsync(maxBytes, cancellationToken).ConfigureAwait(false))
            await DeleteAsync(gone, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets a delta that is lost or damaged.</summary>
    public async Task ForgetAsync(Digest digest, CancellationToken cancellationToken)
    {
        await deltas.ForgetAsync(digest, cancellationToken).ConfigureAwait(false);
        await DeleteAsync(digest, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes objects that no row names: a killed process or a lost row left them.</summary>
    /// <remarks>Only while nothing is being built.</remarks>
    /// <returns>How many there were.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var swept = 0;
        await foreach (var name in objects.ListAsync(ObjectKind.Delta, cancellationToken).ConfigureAwait(false))
        {
            if (await deltas.FindAsync(name.Digest, cancellationToken).ConfigureAwait(false) is not null) continue;
            await DeleteAsync(name.Digest, cancellationToken).ConfigureAwait(false);
            swept++;
        }

        return swept;
    }

    /// <summary>Deletes a delta that no row names. If it cannot be deleted, a collection finds it.</summary>
    private async Task DeleteAsync(Digest delta, CancellationToken cancellationToken)
    {
        try
        {
            _ = await objects.DeleteAsync(ObjectName.Delta(delta), cancellationToken).ConfigureAwait(false);
        }
        catch (StoreFailedException)
        {
            // The store counts and logs its failures itself, and nobody waits for the space.
            return;
        }
    }

    private async ValueTask<bool> IsThereAsync(DeltaRecord delta, CancellationToken cancellationToken)
    {
        var digest = delta.Digest!.Value;
        var length = await objects.FindLengthAsync(ObjectName.Delta(digest), cancellationToken).ConfigureAwait(false);
        if (length == delta.Bytes) return true;
        await ForgetAsync(digest, cancellationToken).ConfigureAwait(false);
        return false;
    }
}
