namespace ChunkOta.Client;

/// <summary>The streams of a connection's sockets that are open. Thread-safe.</summary>
internal sealed class OpenSockets
{
    private readonly Lock _lock = new();
    private readonly HashSet<Stream> _open = [];

    public void Add(Stream socket)
    {
        lock (_lock)
            _open.Add(socket);
    }

    public void Remove(Stream socket)
    {
        lock (_lock)
            _open.Remove(socket);
    }

    /// <summary>Closes all of them: what is being read from them fails.</summary>
    public void Close()
    {
        Stream[] open;
        lock (_lock)
            open = [.. _open];
        foreach (var socket in open)
            socket.Dispose();
    }
}
