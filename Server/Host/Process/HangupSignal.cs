using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace ChunkOta.Server;

/// <summary>SIGHUP, which would end the program, as a request to reload. Requests that come during a reload are
/// one.</summary>
internal sealed class HangupSignal : IDisposable
{
    private readonly Channel<bool> _requests = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly PosixSignalRegistration _registration;

    public HangupSignal() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        _requests.Writer.TryWrite(true);
    });

    /// <summary>Waits for a request.</summary>
    /// <returns>False when there was none for this time.</returns>
    public async Task<bool> WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(limit);
        try
        {
            return await _requests.Reader.ReadAsync(end.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => _registration.Dispose();
}
