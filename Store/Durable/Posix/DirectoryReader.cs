using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <summary>A name in a directory, as the bytes that the disk holds, with the NUL that C wants.</summary>
/// <param name="Bytes">The name and a NUL.</param>
/// <param name="Kind">What it is.</param>
internal readonly record struct DirectoryName(byte[] Bytes, FileKind Kind)
{
    internal ReadOnlySpan<byte> Span => Bytes.AsSpan(0, Bytes.Length - 1);

    /// <summary>The name as text; a name that is not UTF-8 is refused with <c>PATH_CHARS</c>.</summary>
    internal string Text(string directory) => Sys.Utf8.Text(Span, directory);
}

/// <summary>Reads the names in an open directory: by descriptor, so that nobody can swap the directory for a
/// link.</summary>
internal static unsafe class DirectoryReader
{
    private const int BufferBytes = 32 * 1024;

    /// <summary>All names but <c>.</c> and <c>..</c>, sorted by their bytes.</summary>
    internal static List<DirectoryName> Read(SafeFileHandle directory, string path)
    {
        List<DirectoryName> names = [];
        var buffer = new byte[BufferBytes];
        while (Fill(directory, buffer, path) is var filled and > 0)
        {
            // struct linux_dirent64: u64 inode, i64 offset, u16 record length, u8 type, name and NUL.
            for (var at = 0; at < filled;)
            {
                var record = buffer.AsSpan(at, BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + 16)));
                var name = record[19..];
                name = name[..(name.IndexOf((byte)0) + 1)];
                if (!name.SequenceEqual(".\0"u8) && !name.SequenceEqual("..\0"u8))
                    names.Add(new DirectoryName(name.ToArray(), KindOf(directory, record[18], name, path)));
                at += record.Length;
            }
        }
        names.Sort((one, other) => one.Span.SequenceCompareTo(other.Span));
        return names;
    }

    /// <summary>Opens a directory by its name in another, refusing a link.</summary>
    internal static SafeFileHandle OpenChild(SafeFileHandle directory, DirectoryName name, string path)
    {
        int descriptor;
        fixed (byte* start = name.Bytes)
        {
            descriptor = Libc.OpenAt(
                directory, start, Libc.ReadOnly | Libc.DirectoryFlag | Libc.NoFollow | Libc.CloseOnExec, 0);
        }
        Sys.Check(descriptor, FsOperation.Open, path);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>The status of a name in a directory, itself, not what it points to.</summary>
    internal static FileStatus Inspect(SafeFileHandle directory, ReadOnlySpan<byte> name, string path)
    {
        Libc.StatusBuffer status;
        fixed (byte* start = name)
        {
            Sys.Check(
                Libc.Inspect(directory, start, Libc.SymlinkNoFollow, 0x7ff, &status), FsOperation.Inspect, path);
        }
        return Sys.StatusOf(status);
    }

    private static int Fill(SafeFileHandle directory, byte[] buffer, string path)
    {
        fixed (byte* start = buffer)
        {
            var count = Libc.GetDirectoryEntries(
                Libc.GetDirectoryEntriesNumber, directory, start, (nuint)buffer.Length);
            Sys.Check(count, FsOperation.List, path);
            return (int)count;
        }
    }

    private static FileKind KindOf(SafeFileHandle directory, byte type, ReadOnlySpan<byte> name, string path) =>
        type switch
        {
            4 => FileKind.Directory,
            8 => FileKind.File,
            10 => FileKind.SymbolicLink,
            // DT_UNKNOWN: this file system does not keep the type beside the name.
            0 => Inspect(directory, name, path).Kind,
            _ => FileKind.Other,
        };
}
