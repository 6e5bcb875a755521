namespace ChunkOta.Storage;

/// <summary>One object in memory, so that what is verified is what is stored afterwards.</summary>
/// <param name="held">Its name.</param>
/// <param name="content">All of its bytes.</param>
internal sealed class HeldObject(ObjectName held, ReadOnlyMemory<byte> content) : IObjectReader
{
    public ValueTask ReadAsync(
        ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (name != held) throw new ObjectMissingException(name);
        var there = (int)Math.Clamp(content.Length - offset, 0, destination.Length);
        if (there < destination.Length)
            throw ObjectDamagedException.Short(name, offset, destination.Length, there);
        content.Slice((int)offset, there).CopyTo(destination);
        return ValueTask.CompletedTask;
    }

    public ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default) =>
        new(name == held ? content.Length : null);

    public IAsyncEnumerable<ObjectName> ListAsync(ObjectKind kind, CancellationToken cancellationToken = default) =>
        (kind == held.Kind ? new[] { held } : []).ToAsyncEnumerable();
}
