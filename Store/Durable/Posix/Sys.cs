using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <summary>The calls of <see cref="Libc"/> with every result checked: repeated on EINTR, thrown on any other
/// error.</summary>
internal static unsafe class Sys
{
    /// <summary>Opens a path whose last component must not be a symbolic link.</summary>
    internal static SafeFileHandle Open(string path, int flags, uint mode = 0) =>
        TryOpen(path, flags, mode, out var error) ?? throw Failure(FsOperation.Open, path, error);

    /// <summary>As <see cref="Open"/>; null and the reason when it fails.</summary>
    internal static SafeFileHandle? TryOpen(string path, int flags, uint mode, out Errno error)
    {
        CheckPath(path);
        int descriptor;
        do
        {
            descriptor = Libc.OpenAt(
                Libc.CurrentDirectory, path, flags | Libc.CloseOnExec | Libc.NoFollow, mode);
            error = LastError(descriptor);
        }
        while (error == Errno.Interrupted);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    internal static SafeFileHandle OpenDirectory(string path) =>
        Open(path, Libc.ReadOnly | Libc.DirectoryFlag);

    internal static void WriteAt(SafeFileHandle file, string path, long offset, ReadOnlySpan<byte> source)
    {
        fixed (byte* start = source)
        {
            var written = 0;
            while (written < source.Length)
            {
                var count = Libc.WriteAt(file, start + written, (nuint)(source.Length - written), offset + written);
                var error = LastError(count);
                if (error == Errno.Interrupted)
                    continue;
                if (error != Errno.None)
                    throw Failure(FsOperation.Write, path, error);
                // A disk that takes nothing and says nothing is full.
                if (count == 0)
                    throw Failure(FsOperation.Write, path, Errno.NoSpace);
                written += (int)count;
            }
        }
    }

    /// <summary>Reads until the destination is full or the file ends; the bytes read.</summary>
    internal static int ReadAt(SafeFileHandle file, string path, long offset, Span<byte> destination)
    {
        fixed (byte* start = destination)
        {
            var read = 0;
            while (read < destination.Length)
            {
                var count = Libc.ReadAt(file, start + read, (nuint)(destination.Length - read), offset + read);
                var error = LastError(count);
                if (error == Errno.Interrupted)
                    continue;
                if (error != Errno.None)
                    throw Failure(FsOperation.Read, path, error);
                if (count == 0)
                    break;
                read += (int)count;
            }
            return read;
        }
    }

    /// <summary>Copies bytes of a file to a socket that does not wait, as many as its buffer takes.</summary>
    /// <returns>The bytes; 0 when the buffer is full; -1 when the socket or the file failed, or the file
    /// ended.</returns>
    internal static long SendTo(SafeFileHandle file, SafeHandle socket, long offset, long bytes)
    {
        while (true)
        {
            var at = offset;
            var count = Libc.SendFile(socket, file, &at, (nuint)bytes);
            var error = LastError(count);
            if (error == Errno.None) return count > 0 ? count : -1;
            if (error == Errno.Again) return 0;
            if (error != Errno.Interrupted) return -1;
        }
    }

    /// <summary>The status of what a descriptor refers to.</summary>
    internal static FileStatus Inspect(SafeFileHandle file, string path)
    {
        Libc.StatusBuffer buffer;
        byte empty = 0;
        Check(Libc.Inspect(file, &empty, Libc.EmptyPath, 0x7ff, &buffer), FsOperation.Inspect, path);
        return StatusOf(buffer);
    }

    /// <summary>The status that a call of statx found.</summary>
    internal static FileStatus StatusOf(in Libc.StatusBuffer buffer) => new()
    {
        Kind = (buffer.Mode & 0xf000) switch
        {
            0x8000 => FileKind.File,
            0x4000 => FileKind.Directory,
            0xa000 => FileKind.SymbolicLink,
            _ => FileKind.Other,
        },
        Length = buffer.Length,
        Mode = buffer.Mode & 0xfff,
        Owner = buffer.Owner,
        Device = ((ulong)buffer.DeviceMajor << 32) | buffer.DeviceMinor,
        Inode = buffer.Inode,
        Links = buffer.Links,
        ModifiedNanoseconds = unchecked((buffer.ModifiedSeconds * 1_000_000_000L) + buffer.ModifiedNanoseconds),
        ChangedNanoseconds = unchecked((buffer.ChangedSeconds * 1_000_000_000L) + buffer.ChangedNanoseconds),
    };

    /// <summary>The target of a link by its name beneath a directory.</summary>
    internal static string ReadLink(SafeFileHandle directory, ReadOnlySpan<byte> name, string path)
    {
        // PATH_MAX: no file system stores a longer target.
        var target = stackalloc byte[4096];
        nint count;
        fixed (byte* start = name)
        {
            count = Libc.ReadLinkAt(directory, start, target, 4096);
        }
        Check(count, FsOperation.Inspect, path);
        return Utf8.Text(new ReadOnlySpan<byte>(target, (int)count), path);
    }

    /// <summary>Throws unless a call's result is zero or more.</summary>
    internal static void Check(nint result, FsOperation operation, string path)
    {
        var error = LastError(result);
        if (error != Errno.None)
            throw Failure(operation, path, error);
    }

    internal static Errno LastError(nint result) =>
        result >= 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    internal static FileSystemException Failure(FsOperation operation, string path, Errno error) => new(
        operation,
        path,
        IsOutOfInodes(operation, path, error) ? FileProblem.NoInodes : ProblemOf(error),
        error == Errno.NotImplemented
            ? "the kernel or a sandbox does not offer the call: use a newer kernel"
            : $"{Marshal.GetPInvokeErrorMessage((int)error)} (errno {(int)error})");

    /// <summary>The most memory that this process ever held resident, bytes; 0 where the kernel does not say.</summary>
    internal static long PeakResidentBytes()
    {
        Libc.UsageBuffer usage;
        return Libc.Usage(0, &usage) == 0 ? usage.PeakResidentKibibytes * 1024 : 0;
    }

    /// <summary>The kernel answers alike where there is no space and where there is no inode.</summary>
    private static bool IsOutOfInodes(FsOperation operation, string path, Errno error)
    {
        if (error != Errno.NoSpace
            || operation is not (FsOperation.Create or FsOperation.MakeDirectory or FsOperation.Symlink)
            || Path.GetDirectoryName(path) is not { Length: > 0 } directory)
        {
            return false;
        }
        Libc.SpaceBuffer space;
        return Libc.InspectFileSystem(directory, &space) == 0 && space is { Inodes: > 0, InodesAvailable: 0 };
    }

    private static FileProblem ProblemOf(Errno error) => error switch
    {
        Errno.Io => FileProblem.DeviceFailed,
        Errno.NoSpace => FileProblem.Full,
        Errno.Quota => FileProblem.QuotaFull,
        Errno.Again => FileProblem.Busy,
        Errno.InUse => FileProblem.InUse,
        Errno.NoEntry => FileProblem.Missing,
        Errno.Exists => FileProblem.Exists,
        Errno.Loop => FileProblem.Link,
        Errno.CrossDevice => FileProblem.Outside,
        Errno.NotDirectory => FileProblem.NotDirectory,
        Errno.IsDirectory => FileProblem.IsDirectory,
        Errno.NotEmpty => FileProblem.NotEmpty,
        Errno.NotPermitted or Errno.Access or Errno.ReadOnly => FileProblem.NotPermitted,
        Errno.NotImplemented or Errno.NotSupported => FileProblem.NotSupported,
        _ => FileProblem.Other,
    };

    /// <summary>Refuses a path that the C library would cut short.</summary>
    internal static void CheckPath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("a path cannot hold a NUL", nameof(path));
    }

    /// <summary>File names as text: strict, because a name that is replaced by another is a wrong name.</summary>
    internal static class Utf8
    {
        private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

        internal static string Text(ReadOnlySpan<byte> bytes, string path)
        {
            try
            {
                return Strict.GetString(bytes);
            }
            catch (DecoderFallbackException e)
            {
                throw new ChunkOtaException(
                    ErrorCodes.PathChars, $"a name is not UTF-8: \"{Escape(bytes)}\" in {path}: rename it", e);
            }
        }

        /// <summary>The name with <c>\xNN</c> for each byte that is not UTF-8.</summary>
        private static string Escape(ReadOnlySpan<byte> bytes)
        {
            var text = new StringBuilder();
            while (!bytes.IsEmpty)
            {
                var isValid = Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done;
                if (isValid)
                    text.Append(rune);
                for (var i = 0; i < length && !isValid; i++)
                    text.Append(CultureInfo.InvariantCulture, $"\\x{bytes[i]:x2}");
                bytes = bytes[length..];
            }

            return text.ToString();
        }

        /// <summary>With the NUL that C wants.</summary>
        internal static byte[] Bytes(string name)
        {
            CheckPath(name);
            var bytes = new byte[Strict.GetByteCount(name) + 1];
            _ = Strict.GetBytes(name, bytes);
            return bytes;
        }
    }
}
