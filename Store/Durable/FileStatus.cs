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

/// <summary>The status of a file, directory or link, read without following a link.</summary>
public readonly record struct FileStatus
{
    /// <summary>File, directory, link or other.</summary>
    public required FileKind Kind { get; init; }

    /// <summary>Bytes of content; for a link, of its target.</summary>
    public required long Length { get; init; }

    /// <summary>The twelve permission bits of POSIX, setuid, setgid and sticky included.</summary>
    public required int Mode { get; init; }

    /// <summary>The number of the user that owns it.</summary>
    public uint Owner { get; init; }

    /// <summary>The file system.</summary>
    public required ulong Device { get; init; }

    /// <summary>The object on that file system: equal on equal devices means the same object.</summary>
    public required ulong Inode { get; init; }

    /// <summary>The number of names: a file with several changes under all of them.</summary>
    public required long Links { get; init; }

    /// <summary>The time of the last change of content, nanoseconds since 1970-01-01 UTC.</summary>
    public required long ModifiedNanoseconds { get; init; }

    /// <summary>The time of the last change of content, permissions, owner or number of names, by the kernel's clock;
    /// nanoseconds since 1970-01-01 UTC. No program can set it.</summary>
    public long ChangedNanoseconds { get; init; }

    /// <summary>Any of the three execute bits is set.</summary>
    public bool IsExecutable => (Mode & 0b001_001_001) != 0;

    /// <summary>The file has exactly these permissions; true where permissions are not kept as bits.</summary>
    public bool Has(Permissions permissions) => Mode == (int)ModeOf(permissions);

    /// <summary>The nine permission bits of POSIX.</summary>
    internal static uint ModeOf(Permissions permissions) => permissions switch
    {
        Permissions.Private => 0b110_000_000,
        Permissions.Ordinary => 0b110_100_100,
        Permissions.Executable => 0b111_101_101,
        Permissions.PrivateDirectory => 0b111_000_000,
        _ => throw new ArgumentOutOfRangeException(nameof(permissions)),
    };
}
