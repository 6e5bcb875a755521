namespace ChunkOta.Durable;

/// <summary>Why the operating system refused or failed an operation, as far as callers tell the reasons
/// apart.</summary>
public enum FileProblem
{
    /// <summary>Another reason; the message has it.</summary>
    Other,

    /// <summary>The device failed.</summary>
    DeviceFailed,

    /// <summary>The file system is full.</summary>
    Full,

    /// <summary>The quota of the user, group or project is used up.</summary>
    QuotaFull,

    /// <summary>The file system has space, and no inode for another file.</summary>
    NoInodes,

    /// <summary>Another process holds the lock.</summary>
    Busy,

    /// <summary>The kernel uses the name, such as for a mount point.</summary>
    InUse,

    /// <summary>Nothing has this name.</summary>
    Missing,

    /// <summary>The name is taken.</summary>
    Exists,

    /// <summary>A symbolic link where none is allowed.</summary>
    Link,

    /// <summary>A path that leaves its tree, or another file system.</summary>
    Outside,

    /// <summary>A component of the path is not a directory.</summary>
    NotDirectory,

    /// <summary>The name is a directory.</summary>
    IsDirectory,

    /// <summary>The directory is not empty.</summary>
    NotEmpty,

    /// <summary>This process is not allowed to do it.</summary>
    NotPermitted,

    /// <summary>The operating system or the file system cannot do it.</summary>
    NotSupported,
}

/// <summary>The operating system refused or failed an operation on a file.</summary>
/// <remarks>
/// The code is <c>DISK_FULL</c> for a full file system or quota, or one without inodes, <c>BUSY</c> for a lock that
/// another process holds, else <c>IO_ERROR</c>. After a failed sync the file's content is unknown: delete it and write
/// it anew, never sync again.
/// </remarks>
public sealed class FileSystemException : ChunkOtaException
{
    /// <summary>Makes the failure of an operation.</summary>
    /// <param name="operation">The operation that failed.</param>
    /// <param name="path">The path it was tried on.</param>
    /// <param name="problem">The reason.</param>
    /// <param name="detail">The reason in the operating system's words; empty when <paramref name="problem"/> says
    /// it.</param>
    public FileSystemException(FsOperation operation, string path, FileProblem problem, string detail = "")
        : base(CodeOf(problem), Describe(operation, path, problem, detail)) =>
        (Operation, Path, Problem, Cause) = (operation, path, problem, CauseOf(problem));

    /// <summary>The operation that failed.</summary>
    public FsOperation Operation { get; }

    /// <summary>The path it was tried on.</summary>
    public string Path { get; }

    /// <summary>The reason.</summary>
    public FileProblem Problem { get; }

    private static string CodeOf(FileProblem problem) => problem switch
    {
        FileProblem.Full or FileProblem.QuotaFull or FileProblem.NoInodes => ErrorCodes.DiskFull,
        FileProblem.Busy => ErrorCodes.Busy,
        _ => ErrorCodes.IoError,
    };

    private static FailureCause? CauseOf(FileProblem problem) => problem switch
    {
        FileProblem.QuotaFull => FailureCause.Quota,
        FileProblem.NoInodes => FailureCause.Inodes,
        _ => null,
    };

    private static string Describe(FsOperation operation, string path, FileProblem problem, string detail) =>
        problem switch
        {
            FileProblem.Full => $"the disk of {path} is full",
            FileProblem.QuotaFull => $"the disk quota for {path} is used up",
            FileProblem.NoInodes => $"the file system of {path} has no inode left for another file",
            FileProblem.Busy => $"{path} is in use by another process: wait until it has finished",
            _ => $"{operation} of {path} failed: {(detail.Length == 0 ? problem : detail)}",
        };
}

/// <summary>An operation on a file system: the name of a fault point, and of what failed in an error.</summary>
/// <remarks>Those up to <see cref="Clone"/> change the disk and are fault points; the others only look.</remarks>
public enum FsOperation
{
    /// <summary>A file comes into being, empty.</summary>
    Create,

    /// <summary>Bytes are written.</summary>
    Write,

    /// <summary>Space is set aside.</summary>
    Reserve,

    /// <summary>A range of a file becomes a hole.</summary>
    Punch,

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

    /// <summary>Two names are exchanged.</summary>
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

    /// <summary>The status of a name or of a file system is asked for.</summary>
    Inspect,

    /// <summary>A directory's names are read.</summary>
    List,

    /// <summary>A lock is taken.</summary>
    Lock,
}
