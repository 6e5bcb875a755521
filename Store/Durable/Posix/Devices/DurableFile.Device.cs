using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <content>Block devices.</content>
public sealed unsafe partial class DurableFile
{
    private const nuint BlockBytesRequest = 0x80081272;
    private const nuint FlushBlocksRequest = 0x1261;
    private const int WillNotNeed = 4;
    private const int MaxLinks = 16;

    public static partial DurableFile OpenDevice(string path, bool isWritable, long? length)
    {
        path = FollowLinks(path);
        // O_EXCL without O_CREAT claims a block device, as a mount does. A file does not care.
        var flags = isWritable ? Libc.ReadWrite | Libc.Exclusive : Libc.ReadOnly;
        var handle = Sys.TryOpen(path, flags, 0, out var error);
        if (error == Errno.InUse)
            throw new FileSystemException(FsOperation.Open, path, FileProblem.Busy);
        if (handle is null)
            throw Sys.Failure(FsOperation.Open, path, error);
        try
        {
            var capacity = CapacityOf(handle, path);
            return length > capacity
                ? throw Unfit(path, $"it holds {capacity} bytes, not {length}")
                : new DurableFile(handle, path, length ?? capacity);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public partial void DropCache()
    {
        // A file's pages are forgotten by advice; a device's by a request, which advice does not reach everywhere.
        Libc.Advise(_handle, 0, 0, WillNotNeed);
        if (Status.Kind == FileKind.Other)
            Sys.Check(Libc.Control(_handle, FlushBlocksRequest, null), FsOperation.Sync, Path);
    }

    private static long CapacityOf(SafeFileHandle handle, string path)
    {
        var status = Sys.Inspect(handle, path);
        if (status.Kind == FileKind.File)
            return status.Length;
        long bytes;
        return status.Kind == FileKind.Other && Libc.Control(handle, BlockBytesRequest, &bytes) == 0
            ? bytes
            : throw Unfit(path, "it is neither a file nor a block device");
    }

    private static string FollowLinks(string path)
    {
        for (var links = 0; links < MaxLinks && Fs.FindLinkTarget(path) is { } target; links++)
            path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path) ?? "/", target);
        return path;
    }

    private static FileSystemException Unfit(string path, string detail) =>
        new(FsOperation.Open, path, FileProblem.Other, detail);
}
