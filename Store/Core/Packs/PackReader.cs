using System.Buffers.Binary;
using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Reads packs without the catalogue: every number is checked before it is used.</summary>
internal static class PackReader
{
    /// <summary>Reads the contents of a pack from all of its bytes, and computes its name.</summary>
    /// <exception cref="PackInvalidException">The bytes are not a pack.</exception>
    public static PackContents Read(ReadOnlySpan<byte> pack)
    {
        var version = ReadHeader(pack);
        var trailerBytes = ReadFooter(
            pack[Math.Max(0, pack.Length - PackFormat.FooterBytes)..], pack.Length, out var same);
        if (same != version)
            throw new PackInvalidException($"the pack begins as format {version} and ends as format {same}");
        var trailer = pack[^(trailerBytes + PackFormat.FooterBytes)..];
        return ReadTrailer(Digest.Of(pack), trailer, pack.Length, version);
    }

    /// <summary>Reads the contents of a stored pack from its header and trailer, in two small reads.</summary>
    /// <remarks>The trailer's own digest is checked, the pack's name is not: that would need all of its
    /// bytes.</remarks>
    /// <exception cref="ObjectMissingException">There is no such pack.</exception>
    /// <exception cref="PackInvalidException">The object is not a pack.</exception>
    public static async ValueTask<PackContents> ReadContentsAsync(
        IObjectReader store, Digest pack, CancellationToken cancellationToken = default)
    {
        var name = ObjectName.Pack(pack);
        var length = await store.FindLengthAsync(name, cancellationToken).ConfigureAwait(false)
            ?? throw new ObjectMissingException(name);
        if (length is < PackFormat.MinBytes or > PackWriter.MaxBytes)
            throw new PackInvalidException($"the pack {pack} has {length} bytes, which no pack has");
        var footer = new byte[PackFormat.FooterBytes];
        await store.ReadAsync(name, length - footer.Length, footer, cancellationToken).ConfigureAwait(false);
        var trailer = new byte[ReadFooter(footer, (int)length, out var version) + footer.Length];
        await store.ReadAsync(name, length - trailer.Length, trailer, cancellationToken).ConfigureAwait(false);
        return ReadTrailer(pack, trailer, (int)length, version);
    }

    /// <summary>Reads a frame's stored bytes.</summary>
    /// <param name="store">The store of packs.</param>
    /// <param name="frame">The location of the frame.</param>
    /// <param name="destination">At least <see cref="FrameLocation.StoredBytes"/>; exactly that length is
    /// filled.</param>
    /// <exception cref="ObjectMissingException">There is no such pack.</exception>
    /// <exception cref="PackInvalidException">The pack is shorter than that.</exception>
    public static ValueTask ReadFrameAsync(
        IObjectReader store,
        FrameLocation frame,
        Memory<byte> destination,
        CancellationToken cancellationToken = default) =>
        store.ReadAsync(
            ObjectName.Pack(frame.Pack), frame.Offset, destination[..frame.StoredBytes], cancellationToken);

    /// <summary>The pack's version.</summary>
    private static uint ReadHeader(ReadOnlySpan<byte> pack)
    {
        if (pack.Length is < PackFormat.MinBytes or > PackWriter.MaxBytes)
            throw new PackInvalidException($"a pack cannot have {pack.Length} bytes");
        if (!pack.StartsWith(PackFormat.Magic))
            throw new PackInvalidException("the object does not begin as a pack does");
        return CheckVersion(BinaryPrimitives.ReadUInt32LittleEndian(pack[4..]));
    }

    private static uint CheckVersion(uint version) =>
        version is PackFormat.SharedVersion or PackFormat.IsolatedVersion
            ? version
            : throw new PackInvalidException(
                $"the pack has format {version}: a newer program wrote it, use that one");

    /// <summary>The length of the trailer, which fits the pack.</summary>
    private static int ReadFooter(ReadOnlySpan<byte> footer, int packBytes, out uint version)
    {
        if (!footer[40..].SequenceEqual(PackFormat.EndMagic))
            throw new PackInvalidException("the pack does not end as a pack does: it is torn");
        version = CheckVersion(BinaryPrimitives.ReadUInt32LittleEndian(footer[36..]));
        var length = BinaryPrimitives.ReadUInt32LittleEndian(footer[32..]);
        var most = packBytes - PackFormat.HeaderBytes - PackFormat.FooterBytes;
        return length >= PackFormat.MinTrailerBytes && length <= most
            ? (int)length
            : throw new PackInvalidException($"the pack's trailer cannot have {length} bytes");
    }

    /// <param name="pack">The pack's name.</param>
    /// <param name="trailer">Trailer and footer.</param>
    /// <param name="packBytes">The pack's length.</param>
    /// <param name="version">The pack's version.</param>
    private static PackContents ReadTrailer(Digest pack, ReadOnlySpan<byte> trailer, int packBytes, uint version)
    {
        var stored = Digest.FromBytes(trailer.Slice(trailer.Length - PackFormat.FooterBytes, Digest.Size));
        trailer = trailer[..^PackFormat.FooterBytes];
        if (Digest.Of(trailer) != stored)
            throw new PackInvalidException("the pack's trailer is damaged: its digest differs");

        var framesEnd = packBytes - PackFormat.FooterBytes - trailer.Length;
        var domain = version == PackFormat.SharedVersion ? DedupDomain.Shared : ReadDomain(ref trailer);
        var count = ReadNumber(ref trailer);
        if (count == 0 || count > trailer.Length / (PackFormat.FrameEntryBytes + PackFormat.ChunkEntryBytes))
            throw new PackInvalidException($"the pack cannot have {count} frames");
        var frames = new PackFrame[count];
        var offset = PackFormat.HeaderBytes;
        for (var i = 0; i < frames.Length; i++)
        {
            frames[i] = ReadFrame(ref trailer, offset, framesEnd);
            offset += frames[i].StoredBytes;
        }
        if (offset != framesEnd || trailer.Length != 0)
            throw new PackInvalidException("the pack's trailer does not cover its frames exactly");
        return new PackContents(pack, packBytes, frames) { Domain = domain };
    }

    /// <remarks>The shortest trailer is longer than a mask.</remarks>
    private static DedupDomain ReadDomain(ref ReadOnlySpan<byte> trailer)
    {
        var domain = DedupDomain.OfMask(Digest.FromBytes(trailer[..PackFormat.MaskBytes]));
        trailer = trailer[PackFormat.MaskBytes..];
        return domain.IsShared || trailer.Length < PackFormat.MinTrailerBytes
            ? throw new PackInvalidException("the pack's trailer does not name the domain of its chunks")
            : domain;
    }

    private static PackFrame ReadFrame(ref ReadOnlySpan<byte> trailer, int expectedOffset, int framesEnd)
    {
        if (trailer.Length < PackFormat.FrameEntryBytes)
            throw new PackInvalidException("the pack's trailer ends early");
        var offset = ReadNumber(ref trailer);
        var storedBytes = ReadNumber(ref trailer);
        var plainBytes = ReadNumber(ref trailer);
        var count = ReadNumber(ref trailer);
        if (offset != expectedOffset || storedBytes == 0 || storedBytes > framesEnd - expectedOffset)
            throw new PackInvalidException($"a frame of {storedBytes} bytes cannot be at offset {offset}");
        if (count == 0 || count > trailer.Length / PackFormat.ChunkEntryBytes)
            throw new PackInvalidException($"a frame cannot have {count} chunks");
        var chunks = new ChunkRef[count];
        var left = (long)plainBytes;
        for (var i = 0; i < chunks.Length; i++)
        {
            var hash = Digest.FromBytes(trailer[..Digest.Size]);
            trailer = trailer[Digest.Size..];
            var length = ReadNumber(ref trailer);
            left -= length;
            if (length == 0 || left < 0)
                throw new PackInvalidException(
                    $"a chunk of {length} bytes does not fit its frame of {plainBytes} bytes");
            chunks[i] = new ChunkRef(hash, (int)length);
        }
        if (left != 0 || plainBytes > PackFormat.MaxFramePlainBytes)
            throw new PackInvalidException($"a frame of {plainBytes} plain bytes does not hold what its chunks need");
        return new PackFrame((int)offset, (int)storedBytes, (int)plainBytes, chunks);
    }

    private static uint ReadNumber(ref ReadOnlySpan<byte> bytes)
    {
        var value = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        bytes = bytes[4..];
        return value;
    }
}
