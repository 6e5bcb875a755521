using System.Buffers;

namespace ChunkOta.Storage;

/// <summary>A second copy of the objects, such as a backup or a bucket, from which lost ones are fetched.</summary>
/// <remarks>
/// It is only read. What it has is verified before it is stored, as in the store itself. One that does not answer is
/// left alone for a minute: a device may be waiting.
/// </remarks>
/// <param name="copy">The second copy.</param>
/// <param name="objects">Gets what was lost.</param>
/// <param name="identities">Has the trust roots that verify manifests.</param>
/// <param name="clock">The server's clock.</param>
internal sealed class Replica(
    IObjectReader copy, IObjectStore objects, IIdentityCatalogue identities, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private long? _failed;

    /// <summary>Stores an object again if the second copy has it intact. One call at a time.</summary>
    /// <param name="listed">The object; deltas are not fetched, because the server builds them again.</param>
    /// <returns>False if the second copy lacks it, or cannot be reached.</returns>
    public async Task<bool> TryRestoreAsync(ListedObject listed, CancellationToken cancellationToken)
    {
        if (listed.Name.Kind == ObjectKind.Delta || (_failed is { } last && clock.GetElapsedTime(last) < Pause))
            return false;
        var bytes = ArrayPool<byte>.Shared.Rent(checked((int)listed.Bytes));
        try
        {
            var content = bytes.AsMemory(0, (int)listed.Bytes);
            if (!await TryFetchAsync(listed, content, cancellationToken).ConfigureAwait(false)) return false;
            await objects.PutAsync(listed.Name, content, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (StoreFailedException)
        {
            // The object stays lost.
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private async Task<bool> TryFetchAsync(
        ListedObject listed, Memory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            await copy.ReadAsync(listed.Name, 0, content, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            _failed = clock.GetTimestamp();
            throw;
        }

        var held = new HeldObject(listed.Name, content);
        using var verifier = new ObjectVerifier(
            held, new SignedManifests(new ReleaseReader(held, identities, 0, 0), identities));
        var finding = await verifier.VerifyAsync(listed, ScrubDepth.Full, cancellationToken).ConfigureAwait(false);
        return finding.Fault is null;
    }
}
