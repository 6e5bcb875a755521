using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <summary>An open file, written and read by offset through its one descriptor.</summary>
/// <remarks>
/// Any number of threads may read, and write disjoint ranges, at once. What is written survives a power cut after
/// <see cref="Sync"/> <em>and</em> a sync of the directory that names it. The descriptor is never inherited by a child.
/// </remarks>
public sealed partial class DurableFile : IDisposable
{
    /// <summary>The shortest run of zeros that becomes a hole, bytes: the unit in which file systems hand out
    /// space.</summary>
    private const int HoleBytes = 4096;

    /// <summary>Zeros are looked for at this distance, bytes.</summary>
    private const int ProbeBytes = HoleBytes / 2;

    private readonly SafeFileHandle _handle;
    private readonly long? _fixedLength;
    private bool _isAbandoned;

    internal DurableFile(SafeFileHandle handle, string path, long? fixedLength = null)
    {
        _handle = handle;
        _fixedLength = fixedLength;
        Path = path;
    }

    /// <summary>The path it was opened by; it may have been renamed since.</summary>
    public string Path { get; }

    /// <summary>The length in bytes, now; of a device, as it was opened.</summary>
    public long Length => _fixedLength ?? Status.Length;

    /// <summary>The kind, length and permissions, now.</summary>
    public partial FileStatus Status { get; }

    /// <summary>Creates a file that must not exist yet, open for writing and reading.</summary>
    /// <param name="path">Its path; the directory must exist.</param>
    /// <param name="permissions">Its permissions, set exactly.</param>
    /// <exception cref="FileSystemException"><see cref="FileProblem.Exists"/> when the name is taken, even by a
    /// link.</exception>
    public static partial DurableFile Create(string path, Permissions permissions = Permissions.Private);

    /// <summary>Opens a file for reading; its last component must not be a symbolic link.</summary>
    /// <exception cref="FileSystemException"><see cref="FileProblem.Missing"/> when there is none.</exception>
    public static partial DurableFile OpenRead(string path);

    /// <summary>As <see cref="OpenRead"/>; null when nothing has the name.</summary>
    public static partial DurableFile? TryOpenRead(string path);

    /// <summary>Reads a whole file; null when nothing has the name.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="maxBytes">The most that is allocated: a longer file is refused.</param>
    /// <exception cref="ChunkOtaException"><c>TOO_LARGE</c> when the file is longer than
    /// <paramref name="maxBytes"/>.</exception>
    public static byte[]? FindBytes(string path, int maxBytes)
    {
        using var file = TryOpenRead(path);
        if (file is null)
            return null;
        var length = file.Length;
        if (length > maxBytes)
            throw new ChunkOtaException(
                ErrorCodes.TooLarge,
                $"the file is too large: {path}: {SizeText.Of(length)} is above the limit of {SizeText.Of(maxBytes)}");
        var bytes = new byte[length];
        var read = file.ReadAt(0, bytes);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>Opens a file for reading and writing.</summary>
    /// <exception cref="FileSystemException"><see cref="FileProblem.Missing"/> when there is none.</exception>
    public static partial DurableFile OpenWrite(string path);

    /// <summary>Opens a block device, or an ordinary file that stands for one: its length never changes.</summary>
    /// <remarks>Links are followed.</remarks>
    /// <param name="path">Its path.</param>
    /// <param name="isWritable">Opens it for writing as well, for this process alone.</param>
    /// <param name="length">The length in use, bytes; null for all of it.</param>
    /// <exception cref="FileSystemException"><see cref="FileProblem.Busy"/> when it is to be written and is mounted,
    /// <see cref="FileProblem.Other"/> when it is neither, or shorter than <paramref name="length"/>.</exception>
    public static partial DurableFile OpenDevice(string path, bool isWritable, long? length = null);

    /// <summary>Writes all of the bytes at an offset, extending the file where they reach beyond its end.</summary>
    public partial void WriteAt(long offset, ReadOnlySpan<byte> source);

    /// <summary>As <see cref="WriteAt"/>, but long runs of zeros become holes, which take no space.</summary>
    /// <remarks>Zeros at the end of the file do not make it longer: <see cref="Truncate"/> does.</remarks>
    public void WriteSparseAt(long offset, ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var written = 0;
        // Every run that is long enough covers a whole probe, wherever it begins.
        for (int at = 0, end; at < source.Length; at = Math.Max(end, at + ProbeBytes))
        {
            end = at + ZerosOf(source[at..]);
            if (end - at < ProbeBytes)
                continue;
            var start = written + source[written..at].LastIndexOfAnyExcept((byte)0) + 1;
            if (end - start < HoleBytes || !TryMakeHole(offset + start, end - start))
                continue;
            if (start > written)
                WriteAt(offset + written, source[written..start]);
            written = end;
        }
        if (written < source.Length)
            WriteAt(offset + written, source[written..]);
    }

    /// <summary>The number of zeros at the start.</summary>
    private static int ZerosOf(ReadOnlySpan<byte> bytes)
    {
        var zeros = bytes.IndexOfAnyExcept((byte)0);
        return zeros < 0 ? bytes.Length : zeros;
    }

    /// <summary>Makes a range of the file read as zeros without taking space; what is beyond its end does so
    /// anyway.</summary>
    /// <returns>False when the file system has no holes: zeros must be written.</returns>
    private partial bool TryMakeHole(long offset, long length);

    /// <summary>Lets the kernel copy bytes to a socket that does not wait, as many as its buffer takes.</summary>
    /// <param name="socket">A connection; nobody else sends on it.</param>
    /// <param name="offset">The offset of the first byte in the file.</param>
    /// <param name="length">The most bytes, above 0.</param>
    /// <returns>The bytes that the socket took; 0 when its buffer is full; -1 when the connection is gone, or when the
    /// file ends at the offset or cannot be read.</returns>
    public partial long SendTo(SafeHandle socket, long offset, long length);

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
    /// <remarks>Does nothing where the file system cannot do it.</remarks>
    public partial void Reserve(long length);

    /// <summary>Sets the length in bytes: cuts the end off, or adds zeros.</summary>
    public partial void Truncate(long length);

    /// <summary>Sets the permissions exactly.</summary>
    public partial void SetPermissions(Permissions permissions);

    /// <summary>Makes content and length survive a power cut.</summary>
    /// <remarks>
    /// A failure is final: the kernel marks pages clean after a failed write-back, so a second sync would
    /// report success for bytes that are lost. The file must be deleted and written anew; every further sync of it
    /// throws.
    /// </remarks>
    /// <exception cref="FileSystemException">The device failed, or is full.</exception>
    public partial void Sync();

    /// <summary>As <see cref="Sync"/>, without the timestamps.</summary>
    public partial void SyncData();

    /// <summary>Lets the kernel forget the content that it holds in memory: the next read asks the device. Bytes that
    /// are not synced stay.</summary>
    public partial void DropCache();

    /// <summary>Makes this file share another's blocks (a reflink), where the file system can.</summary>
    /// <returns>False when it cannot: the caller copies instead.</returns>
    public partial bool TryClone(DurableFile source);

    /// <summary>Closes the descriptor. Never a durability barrier.</summary>
    public void Dispose() => _handle.Dispose();
}
