using System.Collections;

namespace ChunkOta.Server;

/// <summary>Adds the id of the request, and nothing else, to each event of the log.</summary>
/// <remarks>The framework's own scopes repeat the path of the request in every event.</remarks>
internal sealed class RequestScopes : IExternalScopeProvider
{
    public void ForEachScope<TState>(Action<object?, TState> callback, TState state)
    {
        if (RequestId.Current is { } id) callback(new RequestScope(id), state);
    }

    IDisposable IExternalScopeProvider.Push(object? state) => NoScope.Instance;

    /// <summary>The id, as text and as a field.</summary>
    private sealed class RequestScope(string id) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => 1;

        public KeyValuePair<string, object?> this[int index] =>
            index == 0 ? new("request", id) : throw new ArgumentOutOfRangeException(nameof(index));

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
        {
            yield return this[0];
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => $"request {id}";
    }

    private sealed class NoScope : IDisposable
    {
        public static readonly NoScope Instance = new();

        public void Dispose()
        {
        }
    }
}
