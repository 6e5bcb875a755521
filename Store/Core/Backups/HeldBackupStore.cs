namespace ChunkOta.Storage;

/// <summary>The store of a backup that runs: what would hurt another one happens only while the lease is
/// held.</summary>
/// <param name="inner">The backup store.</param>
/// <param name="hold">The lease.</param>
public sealed class HeldBackupStore(IPrunableObjectStore inner, BackupHold hold) : IPrunableObjectStore
{
    /// <inheritdoc/>
    public ValueTask ReadAsync(
        ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(name, offset, destination, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default) =>
        inner.FindLengthAsync(name, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ObjectName> ListAsync(ObjectKind kind, CancellationToken cancellationToken = default) =>
        inner.ListAsync(kind, cancellationToken);

    /// <inheritdoc/>
    public async Task PutAsync(ObjectName name, Stream content, CancellationToken cancellationToken = default)
    {
        await hold.ConfirmAsync(cancellationToken).ConfigureAwait(false);
        await inner.PutAsync(name, content, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task PutManyAsync(
        IReadOnlyList<ObjectContent> objects, CancellationToken cancellationToken = default)
    {
        await hold.ConfirmAsync(cancellationToken).ConfigureAwait(false);
        await inner.PutManyAsync(objects, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(ObjectName name, CancellationToken cancellationToken = default)
    {
        await hold.ConfirmAsync(cancellationToken).ConfigureAwait(false);
        return await inner.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
    }
}
