namespace ChunkOta.Client;

/// <summary>Is told of each call when it has ended. Called from any thread.</summary>
/// <param name="address">The server.</param>
/// <param name="method">Such as <c>chunkota.v1.Releases/ListReleases</c>.</param>
/// <param name="outcome"><c>OK</c>, or the code of its failure.</param>
/// <param name="time">From the call to its end.</param>
public delegate void CallObserver(string address, string method, string outcome, TimeSpan time);

/// <summary>One call that is observed.</summary>
internal sealed class ObservedCall(CallObserver? observer, ServerAddress address, string method)
{
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private CallObserver? _observer = observer;

    /// <summary>Tells of its end, once.</summary>
    public void End(string outcome) => Interlocked.Exchange(ref _observer, null)?.Invoke(
        address.ToString(), method, outcome, TimeProvider.System.GetElapsedTime(_began));

    /// <summary>Tells of its failure and returns it.</summary>
    public Exception End(Exception failure)
    {
        End(failure is ChunkOtaException known ? known.Code : "cancelled");
        return failure;
    }
}
