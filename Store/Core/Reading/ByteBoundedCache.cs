namespace ChunkOta.Storage;

/// <summary>Caches the most recently used values, up to a number of bytes.</summary>
/// <remarks>Safe for any number of callers at once. A value larger than half the bound is not kept.</remarks>
/// <param name="maxBytes">The limit for the sum of all estimates; 0 disables the cache.</param>
internal sealed class ByteBoundedCache<TKey, TValue>(long maxBytes)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, LinkedListNode<Kept>> _nodes = [];
    private readonly LinkedList<Kept> _newestFirst = [];
    private long _bytes;

    /// <summary>The sum of the estimates of all cached values, bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate) return _bytes;
        }
    }

    /// <summary>Finds a value, which becomes the most recently used; null when it is not cached.</summary>
    public TValue? Find(TKey key)
    {
        lock (_gate)
        {
            if (!_nodes.TryGetValue(key, out var node)) return null;
            _newestFirst.Remove(node);
            _newestFirst.AddFirst(node);
            return node.Value.Value;
        }
    }

    /// <summary>Adds or replaces a value, and evicts the least recently used ones that no longer fit.</summary>
    /// <param name="bytes">The approximate memory it occupies.</param>
    public void Keep(TKey key, TValue value, long bytes)
    {
        if (bytes > maxBytes / 2) return;
        lock (_gate)
        {
            Drop(key);
            _nodes[key] = _newestFirst.AddFirst(new Kept(key, value, bytes));
            _bytes += bytes;
            while (_bytes > maxBytes) Drop(_newestFirst.Last!.Value.Key);
        }
    }

    private void Drop(TKey key)
    {
        if (!_nodes.Remove(key, out var node)) return;
        _newestFirst.Remove(node);
        _bytes -= node.Value.Bytes;
    }

    private readonly record struct Kept(TKey Key, TValue Value, long Bytes);
}
