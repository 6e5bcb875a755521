using System.Buffers;

namespace ChunkOta.Storage;

/// <summary>A second copy of the objects, such as a backup, from which lost ones are fetched.</summary>
/// <remarks>It is only read. What it has is verified before it is stored, as in the store itself.</remarks>
internal sealed class Replica : IDisposable
{
    private readonly IObjectReader _copy;
    private readonly IObjectStore _objects;
    private readonly ObjectVerifier _verifier;

    /// <param name="copy">The second copy.</param>
    /// <param name="objects">Gets what was lost.</param>
    /// <param name="identities">Has the trust roots that verify manifests.</param>
    public Replica(IObjectReader copy, IObjectStore objects, IIdentityCatalogue identities)
    {
        (_copy, _objects) = (copy, objects);
        _verifier = new ObjectVerifier(copy, new SignedManifests(new ReleaseReader(copy, 0, 0), identities));
    }

    /// <summary>Stores an object again if the second copy has it intact.</summary>
    /// <param name="listed">The object; deltas are not fetched, because the server builds them again.</param>
    /// <returns>False if the second copy lacks it, or cannot be reached.</returns>
    public async Task<bool> TryRestoreAsync(ListedObject listed, CancellationToken cancellationToken)
    {
        if (listed.Name.Kind == ObjectKind.Delta) return false;
        try
        {
            var finding = await _verifier.VerifyAsync(listed, ScrubDepth.Full, cancellationToken).ConfigureAwait(false);
            if (finding.Fault is not null) return false;
            var bytes = ArrayPool<byte>.Shared.Rent(checked((int)listed.Bytes));
            try
            {
                var content = bytes.AsMemory(0, (int)listed.Bytes);
                await _copy.ReadAsync(listed.Name, 0, content, cancellationToken).ConfigureAwait(false);
                await _objects.PutAsync(listed.Name, content, cancellationToken).ConfigureAwait(false);
                return true;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }
        catch (StoreFailedException)
        {
            // The object stays lost.
            return false;
        }
    }

    /// <summary>Frees what is kept between calls.</summary>
    public void Dispose() => _verifier.Dispose();
}
