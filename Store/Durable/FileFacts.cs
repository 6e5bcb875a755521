namespace ChunkOta.Durable;

/// <summary>What a name on disk is.</summary>
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
/// <param name="Kind">What it is.</param>
/// <param name="Length">Bytes of content; for a link, of its target.</param>
/// <param name="Mode">The twelve permission bits, setuid, setgid and sticky included.</param>
/// <param name="Device">Which file system it is on.</param>
/// <param name="Inode">Which object on that file system: equal on equal devices means the same object.</param>
/// <param name="Links">How many names it has: a file with several changes under all of them.</param>
/// <param name="ModifiedNanoseconds">When its content last changed, nanoseconds since 1970-01-01 UTC.</param>
public readonly record struct FileFacts(
    FileKind Kind, long Length, int Mode, ulong Device, ulong Inode, long Links, long ModifiedNanoseconds)
{
    /// <summary>Any of the three execute bits is set.</summary>
    public bool IsExecutable => (Mode & 0b001_001_001) != 0;

    internal static FileFacts Of(in Libc.FactsBuffer buffer) => new(
        (buffer.Mode & 0xf000) switch
        {
            0x8000 => FileKind.File,
            0x4000 => FileKind.Directory,
            0xa000 => FileKind.SymbolicLink,
            _ => FileKind.Other,
        },
        buffer.Length,
        buffer.Mode & 0xfff,
        ((ulong)buffer.DeviceMajor << 32) | buffer.DeviceMinor,
        buffer.Inode,
        buffer.Links,
        unchecked((buffer.ModifiedSeconds * 1_000_000_000L) + buffer.ModifiedNanoseconds));
}
