using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace ChunkOta.Server.Core;

/// <summary>Tells devices that listen when a channel of their product moves. Thread-safe.</summary>
/// <remarks>A device listens once to each of its products: its newest call ends the one before, which may be a
/// connection that is dead. So no device keeps others out.</remarks>
/// <param name="maxListeners">The most devices that listen at once.</param>
internal sealed class ChannelMoves(int maxListeners)
{
    /// <summary>The checks in a second that the devices which hear of a move are spread to.</summary>
    private const int ChecksPerSecond = 200;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Dictionary<string, Channel<TimeSpan>>> _listeners =
        new(StringComparer.Ordinal);

    private int _count;

    /// <summary>Listens until it is cancelled, or the device listens anew.</summary>
    /// <param name="device">The device.</param>
    /// <param name="product">The product.</param>
    /// <returns>For each move, the time to wait before checking; moves that come close together are one.</returns>
    /// <exception cref="ChunkOtaException">RATE_LIMITED: too many devices listen.</exception>
    public async IAsyncEnumerable<TimeSpan> ListenAsync(
        string device, string product, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var moves = Channel.CreateBounded<TimeSpan>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        Add(device, product, moves);
        try
        {
            // Told at once that the server listens: a move from now on is not missed.
            yield return TimeSpan.Zero;
            await foreach (var delay in moves.Reader.ReadAllAsync(cancellationToken))
                yield return delay;
        }
        finally
        {
            Remove(device, product, moves);
        }
    }

    /// <summary>Tells those that listen that a channel of a product has moved.</summary>
    /// <param name="product">The product.</param>
    public void Moved(string product)
    {
        lock (_lock)
        {
            if (!_listeners.TryGetValue(product, out var listeners))
                return;
            var spread = TimeSpan.FromSeconds((double)listeners.Count / ChecksPerSecond);
            foreach (var listener in listeners.Values)
                listener.Writer.TryWrite(spread * Random.Shared.NextDouble());
        }
    }

    private void Add(string device, string product, Channel<TimeSpan> moves)
    {
        lock (_lock)
        {
            if (_listeners.TryGetValue(product, out var known) && known.TryGetValue(device, out var before))
            {
                before.Writer.Complete();
                known[device] = moves;
                return;
            }
            if (_count >= maxListeners)
            {
                throw new ChunkOtaException(
                    ErrorCodes.RateLimited, $"{maxListeners} devices listen already: poll instead");
            }
            if (!_listeners.TryGetValue(product, out var listeners))
                _listeners[product] = listeners = [];
            listeners.Add(device, moves);
            _count++;
        }
    }

    private void Remove(string device, string product, Channel<TimeSpan> moves)
    {
        lock (_lock)
        {
            // A call that was ended by a newer one is not listed any more, and one that was refused never was.
            if (!_listeners.TryGetValue(product, out var listeners)
                || !listeners.TryGetValue(device, out var held) || held != moves)
                return;
            listeners.Remove(device);
            if (listeners.Count == 0)
                _listeners.Remove(product);
            _count--;
        }
    }
}
