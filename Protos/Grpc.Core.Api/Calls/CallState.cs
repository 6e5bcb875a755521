namespace Grpc.Core;

/// <summary>What every kind of call answers about itself, through the transport's callbacks.</summary>
internal readonly struct CallState(Func<object, Task<Metadata>> responseHeadersAsync, Func<object, Status> getStatus,
    Func<object, Metadata> getTrailers, Action<object> dispose, object state)
{
    public Task<Metadata> ResponseHeadersAsync() => responseHeadersAsync(state);

    public Status GetStatus() => getStatus(state);

    public Metadata GetTrailers() => getTrailers(state);

    public void Dispose() => dispose(state);

    /// <summary>The older constructors hand over callbacks that need no state: they become the state.</summary>
    public static CallState Of(
        Task<Metadata> responseHeadersAsync, Func<Status> getStatus, Func<Metadata> getTrailers, Action dispose) =>
        new(_ => responseHeadersAsync, _ => getStatus(), _ => getTrailers(), _ => dispose(), dispose);
}
