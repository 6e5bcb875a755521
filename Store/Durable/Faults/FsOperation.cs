namespace ChunkOta.Durable;

/// <summary>What can be done to a file system: the names of the fault points and of the operations in errors.</summary>
/// <remarks>Those up to <see cref="Clone"/> change the disk and are fault points; the others only look.</remarks>
public enum FsOperation
{
    /// <summary>A file comes into being, empty.</summary>
    Create,

    /// <summary>Bytes are written.</summary>
    Write,

    /// <summary>Space is set aside.</summary>
    Reserve,

    /// <summary>A file's length is set.</summary>
    Truncate,

    /// <summary>A file's bytes are made to survive a power cut.</summary>
    Sync,

    /// <summary>A directory's names are made to survive a power cut.</summary>
    SyncDirectory,

    /// <summary>Everything on a file system is made to survive a power cut.</summary>
    SyncFileSystem,

    /// <summary>A name moves, replacing what bore the new one.</summary>
    Rename,

    /// <summary>Two names change places.</summary>
    Exchange,

    /// <summary>A symbolic link is made.</summary>
    Symlink,

    /// <summary>A file gets one more name.</summary>
    Link,

    /// <summary>A file or link loses its name.</summary>
    Unlink,

    /// <summary>A directory comes into being.</summary>
    MakeDirectory,

    /// <summary>An empty directory goes.</summary>
    RemoveDirectory,

    /// <summary>The permission bits of a file are set.</summary>
    ChangeMode,

    /// <summary>Bytes of one file are copied or shared into another by the kernel.</summary>
    Clone,

    /// <summary>A file or directory is opened.</summary>
    Open,

    /// <summary>Bytes are read.</summary>
    Read,

    /// <summary>The facts of a name or of a file system are asked for.</summary>
    Inspect,

    /// <summary>A directory's names are read.</summary>
    List,

    /// <summary>A lock is taken.</summary>
    Lock,
}
