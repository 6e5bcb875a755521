using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store;

/// <summary>An object store in memory.</summary>
internal sealed class MemoryObjectStore : IPrunableObjectStore
{
    private readonly ConcurrentDictionary<ObjectName, byte[]> _objects = new();

    /// <inheritdoc/>
    public async Task PutAsync(ObjectName name, Stream content, CancellationToken cancellationToken = default)
    {
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken).ConfigureAwait(false);
        _objects[name] = bytes.ToArray();
    }

    /// <inheritdoc/>
    public Task PutManyAsync(IReadOnlyList<ObjectContent> objects, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var (name, content) in objects)
            _objects[name] = content.ToArray();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(
        ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (!_objects.TryGetValue(name, out var content))
            throw new ObjectMissingException(name);
        var there = (int)Math.Clamp(content.Length - offset, 0, destination.Length);
        if (there < destination.Length)
            throw ObjectDamagedException.Short(name, offset, destination.Length, there);
        content.AsSpan((int)offset, there).CopyTo(destination.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(_objects.TryGetValue(name, out var content) ? content.Length : (long?)null);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectName> ListAsync(
        ObjectKind kind, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var name in _objects.Keys.Where(name => name.Kind == kind))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return name;
        }
        await Task.CompletedTask.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(ObjectName name, CancellationToken cancellationToken = default) =>
        Task.FromResult(_objects.TryRemove(name, out _));
}
