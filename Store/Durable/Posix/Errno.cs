namespace ChunkOta.Durable;

/// <summary>The error numbers of Linux that are told apart here; any other number may occur, too.</summary>
internal enum Errno
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>EPERM: the operation is not permitted.</summary>
    NotPermitted = 1,

    /// <summary>ENOENT: nothing of this name.</summary>
    NoEntry = 2,

    /// <summary>EINTR: a signal came first; the call is repeated.</summary>
    Interrupted = 4,

    /// <summary>EIO: the device failed.</summary>
    Io = 5,

    /// <summary>EBADF: not an open descriptor.</summary>
    BadDescriptor = 9,

    /// <summary>EAGAIN, EWOULDBLOCK: another process holds the lock.</summary>
    Again = 11,

    /// <summary>EACCES: permission denied.</summary>
    Access = 13,

    /// <summary>EBUSY: the kernel uses it, such as a mount point, or something else has claimed the device.</summary>
    InUse = 16,

    /// <summary>EEXIST: the name is taken.</summary>
    Exists = 17,

    /// <summary>EXDEV: another file system, or a path that leaves the tree it must stay in.</summary>
    CrossDevice = 18,

    /// <summary>ENOTDIR: a component of the path is not a directory.</summary>
    NotDirectory = 20,

    /// <summary>EISDIR: the name is a directory.</summary>
    IsDirectory = 21,

    /// <summary>EINVAL: the argument does not fit the object, such as readlink of a file.</summary>
    Invalid = 22,

    /// <summary>ENOTTY: no such control operation here.</summary>
    NotTerminal = 25,

    /// <summary>ENOSPC: the file system is full.</summary>
    NoSpace = 28,

    /// <summary>EROFS: the file system is mounted read-only.</summary>
    ReadOnly = 30,

    /// <summary>EMLINK: the file has as many names as the file system allows.</summary>
    TooManyLinks = 31,

    /// <summary>ENOSYS: the kernel does not know this call.</summary>
    NotImplemented = 38,

    /// <summary>ENOTEMPTY: the directory holds something.</summary>
    NotEmpty = 39,

    /// <summary>ELOOP: a symbolic link where none is allowed.</summary>
    Loop = 40,

    /// <summary>EOPNOTSUPP: the file system cannot do this.</summary>
    NotSupported = 95,

    /// <summary>EDQUOT: the quota is used up.</summary>
    Quota = 122,
}
