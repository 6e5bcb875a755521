using System.Buffers.Binary;
using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>The state of every entry of an installed release at the moment when it was last found to be as its manifest
/// says: an entry that is still in this state need not be hashed again.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     8  magic "COTASEAL"
///      8     4  version, u32le: 1
///     12     4  number of entries n, u32le
///     16  24*n  for each entry of the manifest, in its order:
///               u64le inode, i64le time of the last change of content, i64le time of the last change of anything;
///               the first is 0 for an entry that was not as it must be, the last for a file with several names
///   16+24n  32  BLAKE3 of all bytes before
/// </code>
/// A file with several names changes whenever a release that shares it comes or goes, so only its content's time
/// counts. A hint and no proof: <c>verify</c> and <c>revert</c> hash every byte all the same.
/// </remarks>
internal sealed class ReleaseSeal
{
    private const int HeaderBytes = 16;
    private const int EntryBytes = 24;

    private readonly byte[] _bytes;

    private ReleaseSeal(byte[] bytes) => _bytes = bytes;

    /// <summary>True when the seal differs from the one that was read.</summary>
    public bool IsChanged { get; private set; }

    private static ReadOnlySpan<byte> Magic => "COTASEAL\u0001\0\0\0"u8;

    /// <summary>Returns the length of the seal of a release, bytes.</summary>
    /// <param name="entries">The number of its entries.</param>
    public static int BytesOf(int entries) => checked(HeaderBytes + (EntryBytes * entries) + Digest.Size);

    /// <summary>Returns a seal under which every entry has to be hashed.</summary>
    /// <param name="entries">The number of entries.</param>
    public static ReleaseSeal None(int entries)
    {
        var bytes = new byte[BytesOf(entries)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), entries);
        return new ReleaseSeal(bytes) { IsChanged = true };
    }

    /// <summary>Reads a seal.</summary>
    /// <param name="file">The file's bytes; kept, not copied. Null for none.</param>
    /// <param name="entries">The number of entries of the release.</param>
    /// <returns>Null when it is missing, damaged or of another release.</returns>
    public static ReleaseSeal? Read(byte[]? file, int entries)
    {
        if (file is null || file.Length != BytesOf(entries) || !file.AsSpan().StartsWith(Magic)
            || BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(12)) != entries)
            return null;
        var end = file.Length - Digest.Size;
        return Digest.Of(file.AsSpan(0, end)) == Digest.FromBytes(file.AsSpan(end)) ? new ReleaseSeal(file) : null;
    }

    /// <summary>Tells whether an entry is in the state that was sealed.</summary>
    /// <param name="entry">The index of the entry.</param>
    /// <param name="status">Its state now.</param>
    public bool Has(int entry, FileStatus status)
    {
        Span<byte> now = stackalloc byte[EntryBytes];
        Write(now, status);
        var sealedState = StateOf(entry);
        // A file that had several names may have one now, or the other way about.
        return now[..16].SequenceEqual(sealedState[..16])
            && (IsShared(now) || IsShared(sealedState) || now[16..].SequenceEqual(sealedState[16..]));
    }

    /// <summary>Seals the state of an entry.</summary>
    /// <param name="entry">The index of the entry.</param>
    /// <param name="status">Its state, read before its content was.</param>
    public void Set(int entry, FileStatus status)
    {
        Span<byte> now = stackalloc byte[EntryBytes];
        Write(now, status);
        Replace(entry, now);
    }

    /// <summary>Breaks the seal of an entry: it is hashed at the next check.</summary>
    /// <param name="entry">The index of the entry.</param>
    public void Forget(int entry) => Replace(entry, stackalloc byte[EntryBytes]);

    /// <summary>Returns the seal as the bytes of a file.</summary>
    public ReadOnlySpan<byte> ToBytes()
    {
        Digest.Of(_bytes.AsSpan(0, _bytes.Length - Digest.Size)).CopyTo(_bytes.AsSpan(_bytes.Length - Digest.Size));
        return _bytes;
    }

    private static void Write(Span<byte> state, FileStatus status)
    {
        // A directory changes with everything that is put into it: only that it is one counts.
        var isDirectory = status.Kind == FileKind.Directory;
        BinaryPrimitives.WriteUInt64LittleEndian(state, isDirectory ? ulong.MaxValue : status.Inode);
        BinaryPrimitives.WriteInt64LittleEndian(state[8..], isDirectory ? 0 : status.ModifiedNanoseconds);
        BinaryPrimitives.WriteInt64LittleEndian(
            state[16..], isDirectory || status.Links > 1 ? 0 : status.ChangedNanoseconds);
    }

    private static bool IsShared(ReadOnlySpan<byte> state) => BinaryPrimitives.ReadInt64LittleEndian(state[16..]) == 0;

    private Span<byte> StateOf(int entry) => _bytes.AsSpan(HeaderBytes + (EntryBytes * entry), EntryBytes);

    private void Replace(int entry, ReadOnlySpan<byte> state)
    {
        if (state.SequenceEqual(StateOf(entry)))
            return;
        state.CopyTo(StateOf(entry));
        IsChanged = true;
    }
}
