namespace ChunkOta.Storage;

/// <summary>Keeps the values used last, up to a number of bytes.</summary>
/// <remarks>Safe for any number of callers at once. A value larger than a quarter of the bound is not kept.</remarks>
/// <param name="maxBytes">Sum of the values' own estimates; 0 keeps nothing.</param>
internal sealed class ByteBoundedCache<TKey, TValue>(long maxBytes)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, LinkedListNode<Kept>> _places = [];
    private readonly LinkedList<Kept> _newestFirst = [];
    private long _bytes;

    /// <summary>The estimates of all values that are kept, bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate) return _bytes;
        }
    }

    /// <summary>The value, which thereby becomes the newest, or null.</summary>
    public TValue? Find(TKey key)
    {
        lock (_gate)
        {
            if (!_places.TryGetValue(key, out var node)) return null;
            _newestFirst.Remove(node);
            _newestFirst.AddFirst(node);
            return node.Value.Value;
        }
    }

    /// <summary>Keeps a value in place of any other of its key, and drops the oldest that no longer fit.</summary>
    /// <param name="bytes">How much memory it takes, about.</param>
    public void Keep(TKey key, TValue value, long bytes)
    {
        if (bytes > maxBytes / 4) return;
        lock (_gate)
        {
            Drop(key);
            _places[key] = _newestFirst.AddFirst(new Kept(key, value, bytes));
            _bytes += bytes;
            while (_bytes > maxBytes) Drop(_newestFirst.Last!.Value.Key);
        }
    }

    private void Drop(TKey key)
    {
        if (!_places.Remove(key, out var node)) return;
        _newestFirst.Remove(node);
        _bytes -= node.Value.Bytes;
    }

    private readonly record struct Kept(TKey Key, TValue Value, long Bytes);
}
