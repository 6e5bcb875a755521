namespace ChunkOta.Durable;

/// <summary>The kind of thing that a name on disk is of.</summary>
public enum FileKind
{
    /// <summary>A device, socket, FIFO or something newer.</summary>
    Other,

    /// <summary>An ordinary file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link, itself, not what it points to.</summary>
    SymbolicLink,
}

/// <summary>The facts of a file, directory or link, taken without following a link.</summary>
/// <param name="Kind">File, directory, link or other.</param>
/// <param name="Length">Bytes of content; for a link, of its target.</param>
/// <param name="Mode">The twelve permission bits of POSIX, setuid, setgid and sticky included.</param>
/// <param name="Device">Which file system it is on.</param>
/// <param name="Inode">Which object on that file system: equal on equal devices means the same object.</param>
/// <param name="Links">How many names it has: a file with several changes under all of them.</param>
/// <param name="ModifiedNanoseconds">When its content last changed, nanoseconds since 1970-01-01 UTC.</param>
public readonly record struct FileFacts(
    FileKind Kind, long Length, int Mode, ulong Device, ulong Inode, long Links, long ModifiedNanoseconds)
{
    /// <summary>Any of the three execute bits is set.</summary>
    public bool IsExecutable => (Mode & 0b001_001_001) != 0;

    /// <summary>The file has exactly these permissions; true where permissions are not kept as bits.</summary>
    public bool Has(Permissions permissions) => Mode == (int)Sys.ModeOf(permissions);
}
