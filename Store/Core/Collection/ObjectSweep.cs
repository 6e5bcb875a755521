using System.Diagnostics;
using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Finds objects that no row refers to, and deletes what is due.</summary>
internal static class ObjectSweep
{
    private const int NamesAtOnce = 1024;
    private const int DeletedAtOnce = 64;

    /// <summary>Deltas are among them: <see cref="DeltaCache"/> sweeps its own only where one server has the
    /// catalogue.</summary>
    private static readonly ObjectKind[] Kinds =
        [ObjectKind.Pack, ObjectKind.Recipe, ObjectKind.Manifest, ObjectKind.Delta];

    /// <summary>Moves objects to the trash that a killed process left, or whose publish was given up.</summary>
    /// <param name="run">The collection.</param>
    /// <param name="now">The time.</param>
    public static async Task FindOrphansAsync(
        CollectionRun run, DateTimeOffset now, CancellationToken cancellationToken)
    {
        run.Begin(CollectionPhase.Orphans);
        foreach (var kind in Kinds)
        {
            List<Digest> page = new(NamesAtOnce);
            await foreach (var name in run.Objects.ListAsync(kind, cancellationToken).ConfigureAwait(false))
            {
                page.Add(name.Digest);
                if (page.Count == NamesAtOnce)
                    await TrashUnknownAsync(run, kind, page, now, cancellationToken).ConfigureAwait(false);
            }

            await TrashUnknownAsync(run, kind, page, now, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes the objects that are due, a few at a time. One that cannot be deleted is passed over: the next
    /// collection tries again.</summary>
    /// <returns>Those that were passed over.</returns>
    public static async Task<UndeletedObjects> DeleteAsync(CollectionRun run, CancellationToken cancellationToken)
    {
        run.Begin(CollectionPhase.Deleting);
        var undeleted = new UndeletedObjects();
        ObjectName? last = null;
        while (!undeleted.AreTooMany)
        {
            var began = Stopwatch.GetTimestamp();
            var due = await run.Catalogue.Trash.ClaimAsync(run.Lease, last, DeletedAtOnce, cancellationToken)
                .ConfigureAwait(false);
            if (due.Count == 0) break;
            // Later a server whose clock is ahead may take the lease for over: what is left is claimed again.
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            end.CancelAfter(ICollectionCatalogue.DeletionLimit);
            List<TrashedObject> deleted = new(due.Count);
            foreach (var garbage in due)
            {
                if (undeleted.AreTooMany || Stopwatch.GetElapsedTime(began) > ICollectionCatalogue.DeletionLimit)
                    break;
                try
                {
                    await DeleteAsync(run.Objects, garbage.Name, end.Token, cancellationToken).ConfigureAwait(false);
                    undeleted.Interrupt();
                    deleted.Add(garbage);
                }
                catch (StoreFailedException failure)
                {
                    undeleted.Add(garbage.Name, failure);
                }

                last = garbage.Name;
            }

            await run.Catalogue.Trash.RemoveAsync(run.Lease, deleted, cancellationToken).ConfigureAwait(false);
            run.Count(figures => figures with
            {
                Objects = figures.Objects + deleted.Count,
                Bytes = figures.Bytes + deleted.Sum(garbage => garbage.Bytes),
            });
        }

        return undeleted;
    }

    /// <exception cref="StoreUnavailableException">The store did not delete the object in time.</exception>
    private static async Task DeleteAsync(
        IPrunableObjectStore objects, ObjectName name, CancellationToken inTime, CancellationToken cancellationToken)
    {
        try
        {
            _ = await objects.DeleteAsync(name, inTime).ConfigureAwait(false);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreUnavailableException(
                "the server's object store failed: ask its operator to read the server's log", late)
            {
                OperatorDetail = $"object {name} was not deleted in time: check the object store",
            };
        }
    }

    private static async Task TrashUnknownAsync(
        CollectionRun run, ObjectKind kind, List<Digest> page, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await run.KeepAliveAsync(cancellationToken).ConfigureAwait(false);
        if (page.Count == 0) return;
        var unknown = await run.Catalogue.Trash.FindUnknownAsync(kind, page, cancellationToken).ConfigureAwait(false);
        page.Clear();
        if (unknown.Count == 0) return;
        List<TrashedObject> orphans = new(unknown.Count);
        foreach (var digest in unknown)
        {
            await run.KeepAliveAsync(cancellationToken).ConfigureAwait(false);
            var name = new ObjectName(kind, digest);
            if (await run.Objects.FindLengthAsync(name, cancellationToken).ConfigureAwait(false) is { } bytes)
                orphans.Add(new TrashedObject(name, bytes));
        }

        await run.Catalogue.Trash.AddAsync(run.Lease, orphans, now + run.Options.OrphanGrace, cancellationToken)
            .ConfigureAwait(false);
    }
}
