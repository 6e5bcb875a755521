using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <summary>An open file, written and read by offset through its one descriptor.</summary>
/// <remarks>
/// Any number of threads may read, and write disjoint ranges, at once. What is written survives a power cut after
/// <see cref="Sync"/> <em>and</em> a sync of the directory that names it. The descriptor is never inherited by a child.
/// </remarks>
public sealed class DurableFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private bool _isAbandoned;

    internal DurableFile(SafeFileHandle handle, string path)
    {
        _handle = handle;
        Path = path;
    }

    /// <summary>The path it was opened by; it may have been renamed since.</summary>
    public string Path { get; }

    /// <summary>The length in bytes, now.</summary>
    public long Length => Facts.Length;

    /// <summary>What is behind the descriptor, now.</summary>
    public FileFacts Facts => Sys.Inspect(_handle, Path);

    /// <summary>Creates a file that must not exist yet, open for writing and reading.</summary>
    /// <param name="path">Its path; the directory must exist.</param>
    /// <param name="mode">Its permission bits, set exactly.</param>
    /// <exception cref="FileSystemException"><see cref="Errno.Exists"/> when the name is taken, even by a
    /// link.</exception>
    public static DurableFile Create(string path, UnixMode mode = UnixMode.Private)
    {
        using var step = FaultPoint.Hit(FsOperation.Create, path);
        var handle = Sys.TryOpen(path, Libc.ReadWrite | Libc.CreateFlag | Libc.Exclusive, mode, out var error)
            ?? throw Sys.Failure(FsOperation.Create, path, error);
        return Made(handle, path, mode);
    }

    /// <summary>Opens a file for reading; its last component must not be a symbolic link.</summary>
    /// <exception cref="FileSystemException"><see cref="Errno.NoEntry"/> when there is none.</exception>
    public static DurableFile OpenRead(string path) => new(Sys.Open(path, Libc.ReadOnly), path);

    /// <summary>As <see cref="OpenRead"/>; null when nothing bears the name.</summary>
    public static DurableFile? TryOpenRead(string path)
    {
        var handle = Sys.TryOpen(path, Libc.ReadOnly, default, out var error);
        if (handle is null && error != Errno.NoEntry)
            throw Sys.Failure(FsOperation.Open, path, error);
        return handle is null ? null : new DurableFile(handle, path);
    }

    /// <summary>Reads a whole file; null when nothing bears the name.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="maxBytes">The most that is allocated: a longer file is an error of the caller's choosing.</param>
    /// <exception cref="ChunkOtaException"><c>TOO_LARGE</c> when the file is longer than
    /// <paramref name="maxBytes"/>.</exception>
    public static byte[]? FindBytes(string path, int maxBytes)
    {
        using var file = TryOpenRead(path);
        if (file is null)
            return null;
        var length = file.Length;
        if (length > maxBytes)
            throw new ChunkOtaException(ErrorCodes.TooLarge, $"{path} has {length} bytes, {maxBytes} are allowed.");
        var bytes = new byte[length];
        var read = file.ReadAt(0, bytes);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>Opens a file for reading and writing.</summary>
    /// <exception cref="FileSystemException"><see cref="Errno.NoEntry"/> when there is none.</exception>
    public static DurableFile OpenWrite(string path) => new(Sys.Open(path, Libc.ReadWrite), path);

    /// <summary>Writes all of the bytes at an offset, extending the file where they reach beyond its end.</summary>
    public void WriteAt(long offset, ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        using var step = FaultPoint.Hit(FsOperation.Write, Path);
        Sys.WriteAt(_handle, Path, offset, step.IsTorn ? source[..(source.Length / 2)] : source);
    }

    /// <summary>Fills the destination from an offset on, as far as the file goes.</summary>
    /// <returns>The bytes read: fewer than asked only at the end of the file.</returns>
    public int ReadAt(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return Sys.ReadAt(_handle, Path, offset, destination);
    }

    /// <summary>A read-only, seekable stream over this file, through the same descriptor, with a position of its
    /// own.</summary>
    /// <remarks>Not buffered. Disposing of it leaves the file open.</remarks>
    public Stream OpenStream() => new DurableFileStream(this);

    /// <summary>Sets space aside, so that a full disk shows before the work; the length grows to at least
    /// this.</summary>
    /// <remarks>A file system that cannot do so is no error.</remarks>
    public void Reserve(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        using var step = FaultPoint.Hit(FsOperation.Reserve, Path);
        Errno error;
        do
            error = Sys.LastError(Libc.Reserve(_handle, 0, 0, length));
        while (error == Errno.Interrupted);
        if (error is not (Errno.None or Errno.NotSupported or Errno.NotImplemented))
            throw Sys.Failure(FsOperation.Reserve, Path, error);
    }

    /// <summary>Sets the length in bytes: cuts the end off, or adds zeros.</summary>
    public void Truncate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        using var step = FaultPoint.Hit(FsOperation.Truncate, Path);
        Errno error;
        do
            error = Sys.LastError(Libc.Truncate(_handle, length));
        while (error == Errno.Interrupted);
        if (error != Errno.None)
            throw Sys.Failure(FsOperation.Truncate, Path, error);
    }

    /// <summary>Sets the permission bits exactly.</summary>
    public void SetMode(UnixMode mode)
    {
        using var step = FaultPoint.Hit(FsOperation.ChangeMode, Path);
        Sys.Check(Libc.ChangeMode(_handle, (uint)mode & 0x1ff), FsOperation.ChangeMode, Path);
    }

    /// <summary>Makes content and length survive a power cut.</summary>
    /// <remarks>
    /// A failure is final: the kernel marks pages clean after a failed write-back, so a second sync would say "fine"
    /// of bytes that are lost. The file must be deleted and written anew; every further sync of it throws.
    /// </remarks>
    /// <exception cref="FileSystemException">The device failed, or is full.</exception>
    public void Sync() => PassBarrier(Libc.Sync);

    /// <summary>As <see cref="Sync"/>, without the timestamps.</summary>
    public void SyncData() => PassBarrier(Libc.SyncData);

    /// <summary>Makes this file share another's blocks (a reflink), where the file system can.</summary>
    /// <returns>False when it cannot: the caller copies instead.</returns>
    public bool TryClone(DurableFile source)
    {
        using var step = FaultPoint.Hit(FsOperation.Clone, Path);
        var error = Sys.LastError(Libc.Clone(_handle, Libc.CloneRequest, source._handle));
        return error switch
        {
            Errno.None => true,
            Errno.NotSupported or Errno.CrossDevice or Errno.Invalid or Errno.NotTerminal => false,
            _ => throw Sys.Failure(FsOperation.Clone, Path, error),
        };
    }

    /// <summary>Closes the descriptor. Never a durability barrier.</summary>
    public void Dispose() => _handle.Dispose();

    internal static DurableFile Made(SafeFileHandle handle, string path, UnixMode mode)
    {
        var file = new DurableFile(handle, path);
        try
        {
            // The umask had its say in the open: only this makes the mode exact.
            Sys.Check(Libc.ChangeMode(handle, (uint)mode & 0x1ff), FsOperation.ChangeMode, path);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void PassBarrier(Func<SafeFileHandle, int> barrier)
    {
        if (_isAbandoned)
            throw Sys.Failure(FsOperation.Sync, Path, Errno.Io);
        try
        {
            using var step = FaultPoint.Hit(FsOperation.Sync, Path);
            Errno error;
            do
                error = Sys.LastError(barrier(_handle));
            while (error == Errno.Interrupted);
            if (error != Errno.None)
                throw Sys.Failure(FsOperation.Sync, Path, error);
        }
        catch (FileSystemException)
        {
            _isAbandoned = true;
            throw;
        }
    }
}
