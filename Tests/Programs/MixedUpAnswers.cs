namespace ChunkOta.Tests.Support;

/// <summary>Follows the requests and answers of one connection of HTTP/1.1, and keeps the answer before the current
/// one.</summary>
/// <param name="mixedUp">The request that gets it; null for none.</param>
internal sealed class MixedUpAnswers(int? mixedUp)
{
    private readonly Lock _lock = new();
    private readonly List<byte> _answer = [];
    private int _request;
    private bool _isAnswered = true;
    private byte[] _before = [];

    /// <summary>Sees bytes of the client.</summary>
    /// <returns>The answer to give instead of passing them on, empty until the request is whole; null to pass
    /// them.</returns>
    public byte[]? See(ReadOnlySpan<byte> request)
    {
        if (mixedUp is null)
            return null;
        lock (_lock)
        {
            if (_isAnswered)
            {
                _request++;
                _before = [.. _answer];
                _answer.Clear();
                _isAnswered = false;
            }
            if (_request != mixedUp)
                return null;
            // Calls are sent in chunks, the last of which is empty.
            if (!request.EndsWith("0\r\n\r\n"u8))
                return [];
            _isAnswered = true;
            return _before;
        }
    }

    /// <summary>Sees bytes of the server.</summary>
    public void SeeAnswer(ReadOnlySpan<byte> answer)
    {
        if (mixedUp is null)
            return;
        lock (_lock)
        {
            _isAnswered = true;
            _answer.AddRange(answer);
        }
    }
}
