using System.Runtime.InteropServices;

namespace ChunkOta.Durable;

/// <summary>The operating system refused or failed an operation on a file.</summary>
/// <remarks>
/// The code is <c>DISK_FULL</c> for a full file system or quota, <c>BUSY</c> for a lock that somebody else holds, else
/// <c>IO_ERROR</c>. After a failed sync the file's content is unknown: delete it and write it anew, never sync again.
/// </remarks>
public sealed class FileSystemException : ChunkOtaException
{
    /// <summary>Makes the failure of an operation.</summary>
    /// <param name="operation">What was tried.</param>
    /// <param name="path">On which path, for the message.</param>
    /// <param name="error">What the operating system answered.</param>
    public FileSystemException(FsOperation operation, string path, Errno error)
        : base(CodeOf(error), Describe(operation, path, error))
    {
        Operation = operation;
        Path = path;
        Error = error;
    }

    /// <summary>What was tried.</summary>
    public FsOperation Operation { get; }

    /// <summary>The path it was tried on.</summary>
    public string Path { get; }

    /// <summary>What the operating system answered.</summary>
    public Errno Error { get; }

    private static string CodeOf(Errno error) => error switch
    {
        Errno.NoSpace or Errno.Quota => ErrorCodes.DiskFull,
        Errno.Again => ErrorCodes.Busy,
        _ => ErrorCodes.IoError,
    };

    private static string Describe(FsOperation operation, string path, Errno error) => error switch
    {
        Errno.NoSpace or Errno.Quota => $"The disk is full ({operation} of {path}): free some space and run again.",
        Errno.Again => $"{path} is held by another process: wait until it has finished.",
        Errno.NotImplemented => $"{operation} of {path} needs a newer kernel, or a sandbox that allows it.",
        _ => $"{operation} of {path} failed: {Marshal.GetPInvokeErrorMessage((int)error)} (errno {(int)error}).",
    };
}
