namespace ChunkOta;

/// <summary>The cause of a failure or of a wait, as far as it tells a person where to look.</summary>
public enum FailureCause
{
    /// <summary>Something else; the code says it.</summary>
    Other,

    /// <summary>The server's name has no address.</summary>
    Dns,

    /// <summary>The server, or the way to it, cannot be reached, or the connection was lost.</summary>
    Connect,

    /// <summary>A proxy refused the call, or answered in place of the server.</summary>
    Proxy,

    /// <summary>The server's certificate is not trusted, or the handshake failed.</summary>
    Tls,

    /// <summary>A clock is wrong, or a signed document has expired.</summary>
    Clock,

    /// <summary>The server does not accept this device or its token.</summary>
    Auth,

    /// <summary>A disk quota is used up.</summary>
    Quota,

    /// <summary>The disk is full, failed, or refused an operation.</summary>
    Disk,

    /// <summary>The file system has no inode left for another file.</summary>
    Inodes,

    /// <summary>Something is not what was signed.</summary>
    Verify,

    /// <summary>The server answered with a failure of its own.</summary>
    Server,

    /// <summary>The server sends less than the minimum rate.</summary>
    TooSlow,
}
