using System.Threading.Channels;

namespace ChunkOta.Agent;

/// <summary>Wakes one waiting task, from any thread; what comes before it waits is not lost, and counts once.</summary>
internal sealed class WakeSignal
{
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Wakes the task.</summary>
    public void Set() => _signals.Writer.TryWrite(true);

    /// <summary>Waits for the next signal.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) =>
        _signals.Reader.ReadAsync(cancellationToken);
}
