namespace ChunkOta.Client;

/// <summary>Why the last handshake was refused: the TLS layer itself only says that it was.</summary>
internal sealed class TlsRefusal
{
    private volatile string? _reason;

    /// <summary>The reason, or null when the last certificate was trusted.</summary>
    public string? Reason => _reason;

    /// <summary>Keeps what the judge said.</summary>
    /// <returns>True when there is no reason to refuse.</returns>
    public bool Note(string? reason)
    {
        _reason = reason;
        return reason is null;
    }
}
