using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Model;

/// <summary>The objects of a store that is at rest: each is read once.</summary>
internal sealed class ObjectSnapshot(IObjectReader objects) : IObjectReader
{
    private readonly Dictionary<ObjectName, byte[]?> _read = [];

    public async ValueTask ReadAsync(
        ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        var content = await FindAsync(name, cancellationToken) ?? throw new ObjectMissingException(name);
        var there = (int)Math.Clamp(content.Length - offset, 0, destination.Length);
        if (there < destination.Length)
            throw ObjectDamagedException.Short(name, offset, destination.Length, there);
        content.AsSpan((int)offset, there).CopyTo(destination.Span);
    }

    public async ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default) =>
        (await FindAsync(name, cancellationToken))?.Length;

    public IAsyncEnumerable<ObjectName> ListAsync(ObjectKind kind, CancellationToken cancellationToken = default) =>
        objects.ListAsync(kind, cancellationToken);

    private async ValueTask<byte[]?> FindAsync(ObjectName name, CancellationToken cancellationToken)
    {
        if (_read.TryGetValue(name, out var known)) return known;
        byte[]? content = null;
        if (await objects.FindLengthAsync(name, cancellationToken) is { } length)
        {
            content = new byte[length];
            await objects.ReadAsync(name, 0, content, cancellationToken);
        }

        return _read[name] = content;
    }
}
