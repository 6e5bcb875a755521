using System.Diagnostics.CodeAnalysis;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>A bounded number of open files by key; the least recently used one is closed for a new one.</summary>
/// <typeparam name="TKey">The name of a file.</typeparam>
/// <param name="capacity">The most that are open at once.</param>
internal sealed class OpenFiles<TKey>(int capacity) : IDisposable
    where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, DurableFile File)>> _byKey = [];
    private readonly LinkedList<(TKey Key, DurableFile File)> _byUse = [];

    /// <summary>Finds an open file.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="file">The file; it stays open at least until the next <see cref="Add"/>.</param>
    public bool TryFind(TKey key, [NotNullWhen(true)] out DurableFile? file)
    {
        file = null;
        if (!_byKey.TryGetValue(key, out var node))
            return false;
        _byUse.Remove(node);
        _byUse.AddFirst(node);
        file = node.Value.File;
        return true;
    }

    /// <summary>Adds an open file, closing another if there are too many.</summary>
    /// <param name="key">Its key; it is not open yet.</param>
    /// <param name="file">The file, from now on this object's to close.</param>
    public DurableFile Add(TKey key, DurableFile file)
    {
        if (_byKey.Count == capacity && _byUse.Last is { } oldest)
            Close(oldest.Value.Key);
        _byKey.Add(key, _byUse.AddFirst((key, file)));
        return file;
    }

    /// <summary>Closes a file, if it is open.</summary>
    /// <param name="key">Its key.</param>
    public void Close(TKey key)
    {
        if (!_byKey.Remove(key, out var node))
            return;
        _byUse.Remove(node);
        node.Value.File.Dispose();
    }

    /// <summary>Closes all files.</summary>
    public void Dispose()
    {
        foreach (var (_, file) in _byUse)
            file.Dispose();
        _byUse.Clear();
        _byKey.Clear();
    }
}
