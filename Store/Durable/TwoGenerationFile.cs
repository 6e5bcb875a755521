using System.Buffers.Binary;
using ChunkOta.Chunking;

namespace ChunkOta.Durable;

/// <summary>A small state kept in two files, NAME.a and NAME.b, of which one always holds the last good
/// state.</summary>
/// <remarks>
/// Each write replaces the older generation, so that whatever happens to the newer (torn, empty, zeroed, lost), the
/// other can still be read. Not for two writers at once: hold a lock. A file is:
/// <code>
/// offset  bytes  field (little-endian)
///      0      4  magic "COST"
///      4      4  format version, 1
///      8      8  generation, from 1; the highest readable one counts
///     16      4  length n of the content
///     20      n  content
///   20+n     32  BLAKE3 digest of everything before it
/// </code>
/// </remarks>
public sealed class TwoGenerationFile
{
    /// <summary>The most content that a state may have, in bytes.</summary>
    public const int MaxContentBytes = 16 * 1024 * 1024;

    /// <summary>The bytes of a file beside its content.</summary>
    public const int OverheadBytes = HeaderBytes + Digest.Size;

    private const int HeaderBytes = 20;
    private const uint FormatVersion = 1;
    private readonly string[] _paths;
    private readonly Permissions _permissions;

    /// <summary>Names the state; nothing is touched yet.</summary>
    /// <param name="path">The path without <c>.a</c> and <c>.b</c>; its directory must exist.</param>
    /// <param name="permissions">The permissions of both files.</param>
    public TwoGenerationFile(string path, Permissions permissions = Permissions.Private) =>
        (_paths, _permissions) = ([path + ".a", path + ".b"], permissions);

    private static ReadOnlySpan<byte> Magic => "COST"u8;

    /// <summary>The content last written; null when nothing was ever written here.</summary>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c> when files are there but neither can be read.</exception>
    public byte[]? Find() => Newest() is { } newest ? newest.Content : null;

    /// <summary>Writes the content as the next generation. When it returns, the content survives a power cut.</summary>
    /// <remarks>After a failure, <see cref="Find"/> answers the previous content or this one, whole. On a full disk the
    /// older generation is overwritten in its place, so content that is not longer than that one needs no
    /// space.</remarks>
    /// <param name="content">At most <see cref="MaxContentBytes"/>.</param>
    /// <exception cref="FileSystemException">The disk is full or failed.</exception>
    public void Write(ReadOnlySpan<byte> content)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, MaxContentBytes);
        // The file of the last good generation must not be touched.
        var last = Newest(mustRead: false);
        var path = last?.Path == _paths[0] ? _paths[1] : _paths[0];
        var bytes = Encode(checked((last?.Generation ?? 0) + 1), content);
        try
        {
            AtomicFile.Replace(path, bytes, _permissions);
        }
        catch (FileSystemException e) when (e.Code == ErrorCodes.DiskFull && Fs.FindStatus(path) is not null)
        {
            Overwrite(path, bytes);
        }
    }

    /// <summary>Writes into the file of the older generation. If this ends half-way, nothing is lost: the newer one is
    /// in the other file.</summary>
    private static void Overwrite(string path, ReadOnlySpan<byte> bytes)
    {
        using var file = DurableFile.OpenWrite(path);
        file.WriteAt(0, bytes);
        file.Truncate(bytes.Length);
        file.Sync();
    }

    private static byte[] Encode(ulong generation, ReadOnlySpan<byte> content)
    {
        var bytes = new byte[content.Length + OverheadBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), FormatVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), generation);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), content.Length);
        content.CopyTo(bytes.AsSpan(HeaderBytes));
        Digest.Of(bytes.AsSpan(0, bytes.Length - Digest.Size)).CopyTo(bytes.AsSpan(bytes.Length - Digest.Size));
        return bytes;
    }

    private static State? Decode(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length < HeaderBytes + Digest.Size || !bytes[..4].SequenceEqual(Magic))
            return null;
        var end = bytes.Length - Digest.Size;
        if (BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]) != end - HeaderBytes)
            return null;
        if (Digest.Of(bytes[..end]) != Digest.FromBytes(bytes[end..]))
            return null;
        var version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (version != FormatVersion)
            throw new ChunkOtaException(
                ErrorCodes.IoError,
                $"{path} has state of format {version}: use the newer program that wrote it");
        return new State(
            path, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]), bytes[HeaderBytes..end].ToArray());
    }

    private State? Newest(bool mustRead = true)
    {
        State? newest = null;
        var isThere = false;
        foreach (var path in _paths)
        {
            byte[]? bytes;
            try
            {
                bytes = FindBytes(path);
            }
            catch (FileSystemException e) when (e.Problem is FileProblem.DeviceFailed or FileProblem.IsDirectory)
            {
                // As good as torn. Any other failure may be of this process alone, and pass: the newer one must not be
                // overwritten for it.
                bytes = [];
            }
            if (bytes is null)
                continue;
            isThere = true;
            if (Decode(bytes, path) is { } state && (newest is null || state.Generation > newest.Generation))
                newest = state;
        }
        if (newest is null && isThere && mustRead)
        {
            throw new ChunkOtaException(
                ErrorCodes.IoError, $"{_paths[0]} and {_paths[1]} are both damaged: move them away and run again");
        }
        return newest;
    }

    /// <summary>A file that is too long to be a state is as unreadable as a torn one.</summary>
    private static byte[]? FindBytes(string path)
    {
        using var file = DurableFile.TryOpenRead(path);
        if (file is null)
            return null;
        var length = file.Length;
        if (length > HeaderBytes + MaxContentBytes + Digest.Size)
            return [];
        var bytes = new byte[length];
        return bytes.AsSpan(0, file.ReadAt(0, bytes)).ToArray();
    }

    private sealed record State(string Path, ulong Generation, byte[] Content);
}
