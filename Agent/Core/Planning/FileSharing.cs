namespace ChunkOta.Agent;

/// <summary>How files that do not change come from an installed release into the next one.</summary>
public enum LinkMode
{
    /// <summary>Shared copy-on-write where the file system can, else copied.</summary>
    Reflink,

    /// <summary>The same file under two names where nothing else shares: for releases that nobody writes to, because
    /// what is written to one release changes the others.</summary>
    Hardlink,
}

/// <summary>What the file system lets files of two releases share.</summary>
internal enum FileSharing
{
    /// <summary>Nothing: a file is copied.</summary>
    None,

    /// <summary>Blocks, copy-on-write.</summary>
    Blocks,

    /// <summary>The file itself, under two names.</summary>
    Names,
}
