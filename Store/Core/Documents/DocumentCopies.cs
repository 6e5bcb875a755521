using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Keeps a copy of every trust root and of each channel's last pointer beside the manifests, so that a lost
/// catalogue can be rebuilt with its channels.</summary>
/// <remarks>
/// A document is copied after the transaction that accepted it, and before that is acknowledged: a copy is never of a
/// document that was refused. What was left uncopied is copied at the next start. Any number of callers and
/// servers at once.
/// </remarks>
/// <param name="objects">Gets the copies.</param>
/// <param name="catalogue">Has the documents.</param>
public sealed class DocumentCopies(IPrunableObjectStore objects, ICatalogue catalogue)
{
    private const int PageObjects = 256;

    /// <summary>A store that fails this often deletes nothing at all.</summary>
    private const int MaxUndeleted = 8;

    /// <summary>Copies documents that the catalogue has just accepted. If the store is full or does not answer, they
    /// stay accepted, and the next server that starts or the next collection copies them.</summary>
    /// <param name="digests">The digests of their payloads; one that was replaced meanwhile is passed over.</param>
    public async Task StoreAsync(IEnumerable<Digest> digests, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(digests);
        try
        {
            List<ObjectContent> copies = [];
            foreach (var digest in digests)
            {
                var envelopes = await catalogue.Damage.FindDocumentsAsync(digest, cancellationToken)
                    .ConfigureAwait(false);
                if (envelopes.Count > 0) copies.Add(new ObjectContent(ObjectName.Document(digest), envelopes[0]));
            }

            if (copies.Count > 0) await objects.PutManyAsync(copies, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreFailedException)
        {
            // Refusing what has been accepted would be wrong, and the store counts and logs its failures itself.
            return;
        }
    }

    /// <summary>Copies what has no copy, and deletes copies of pointers that were replaced. One that cannot be deleted
    /// is left to the next call: its successor has a copy, too.</summary>
    /// <exception cref="StoreFailedException">Store or catalogue do not answer.</exception>
    public async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        // Listed first: every copy that is listed was made of a document that the catalogue had then.
        HashSet<Digest> copied = [];
        await foreach (var name in objects.ListAsync(ObjectKind.Document, cancellationToken).ConfigureAwait(false))
            _ = copied.Add(name.Digest);
        for (Digest after = default; ;)
        {
            var page = await catalogue.Damage.ListObjectsAsync(
                ObjectKind.Document, after, PageObjects, cancellationToken).ConfigureAwait(false);
            if (page.Count == 0) break;
            var digests = page.Select(listed => listed.Name.Digest).Distinct().ToList();
            await StoreAsync(digests.Where(digest => !copied.Remove(digest)), cancellationToken).ConfigureAwait(false);
            after = digests[^1];
        }

        await DeleteAsync(copied, cancellationToken).ConfigureAwait(false);
    }

    private async Task DeleteAsync(HashSet<Digest> replaced, CancellationToken cancellationToken)
    {
        var undeleted = 0;
        foreach (var digest in replaced)
        {
            try
            {
                _ = await objects.DeleteAsync(ObjectName.Document(digest), cancellationToken).ConfigureAwait(false);
            }
            catch (StoreFailedException)
            {
                if (++undeleted == MaxUndeleted) return;
            }
        }
    }

    /// <summary>Compares a copy with the catalogue, and makes it again if it is gone or differs.</summary>
    /// <returns>True if it was made again.</returns>
    /// <exception cref="StoreFailedException">Store or catalogue do not answer.</exception>
    internal async Task<bool> TryRepairAsync(Digest digest, CancellationToken cancellationToken)
    {
        var envelopes = await catalogue.Damage.FindDocumentsAsync(digest, cancellationToken).ConfigureAwait(false);
        if (envelopes.Count == 0) return false;
        var name = ObjectName.Document(digest);
        try
        {
            var length = await objects.FindLengthAsync(name, cancellationToken).ConfigureAwait(false);
            if (envelopes.Any(envelope => envelope.Length == length))
            {
                var copy = new byte[length!.Value];
                await objects.ReadAsync(name, 0, copy, cancellationToken).ConfigureAwait(false);
                if (envelopes.Any(envelope => envelope.Span.SequenceEqual(copy))) return false;
            }
        }
        catch (StoreFailedException failure) when (failure is ObjectMissingException or ObjectDamagedException)
        {
            // It is made again below.
        }

        await objects.PutAsync(name, envelopes[0], cancellationToken).ConfigureAwait(false);
        return true;
    }
}
