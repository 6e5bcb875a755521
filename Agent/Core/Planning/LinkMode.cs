namespace ChunkOta.Agent;

/// <summary>The way unchanged files get from an installed release into the next one.</summary>
public enum LinkMode
{
    /// <summary>Shared copy-on-write where the file system can, else copied.</summary>
    Reflink,

    /// <summary>Shared copy-on-write where the file system can, else one file under two names. Only for releases that
    /// nothing writes to: a write to one release changes the others.</summary>
    Hardlink,
}

/// <summary>The part of a file that the file system lets two releases share.</summary>
internal enum FileSharing
{
    /// <summary>Nothing: a file is copied.</summary>
    None,

    /// <summary>Blocks, copy-on-write.</summary>
    Blocks,

    /// <summary>The file itself, under two names.</summary>
    Names,
}
