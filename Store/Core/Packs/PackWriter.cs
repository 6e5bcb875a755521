using System.Buffers;
using System.Buffers.Binary;
using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A finished pack, ready to be stored under its name.</summary>
/// <param name="Contents">Its contents, read back from its own trailer.</param>
/// <param name="Bytes">The whole object; lives until its writer is reset or disposed of.</param>
internal sealed record SealedPack(PackContents Contents, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The object's name.</summary>
    public ObjectName Name => ObjectName.Pack(Contents.Digest);
}

/// <summary>Builds packs in memory, one after another, in one pooled buffer. One caller at a time.</summary>
internal sealed class PackWriter : IDisposable
{
    /// <summary>
    /// A pack is sealed when it reaches this many bytes: with its last frame it still fits a buffer of 16 MiB; the
    /// pool's next size is 32 MiB.
    /// </summary>
    public const int AimBytes = 15 * 1024 * 1024;

    /// <summary>The largest pack, bytes.</summary>
    public const int MaxBytes = 32 * 1024 * 1024;

    private const int FirstBufferBytes = 1024 * 1024;
    private readonly List<PackFrame> _frames = [];
    private byte[] _buffer;
    private int _length;
    private int _trailerBytes;
    private DedupDomain _domain = DedupDomain.Shared;

    /// <summary>Creates a writer with an empty pack.</summary>
    /// <param name="expectedBytes">
    /// The expected length of its packs: a buffer that has to grow leaves smaller ones in the pool.
    /// </param>
    public PackWriter(int expectedBytes = FirstBufferBytes)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(expectedBytes);
        Reset();
    }

    /// <summary>True until a frame is added.</summary>
    public bool IsEmpty => _frames.Count == 0;

    /// <summary>The length in bytes of the pack if it were sealed now.</summary>
    public int SealedBytes => _length + _trailerBytes + PackFormat.FooterBytes;

    /// <summary>True once the pack has reached <see cref="AimBytes"/>: seal it.</summary>
    public bool IsFull => SealedBytes >= AimBytes;

    /// <summary>Tells whether a frame still fits; every legal frame fits into an empty pack.</summary>
    /// <param name="storedBytes">The frame's length.</param>
    /// <param name="chunks">The number of its chunks.</param>
    public bool Fits(int storedBytes, int chunks) =>
        (long)SealedBytes + storedBytes + TrailerBytesOf(chunks) <= MaxBytes;

    /// <summary>Appends a frame as it is.</summary>
    /// <param name="frame">The encoded frame; copied.</param>
    /// <param name="chunks">All its chunks, in order, each hashed from its decoded bytes.</param>
    /// <exception cref="InvalidOperationException">The frame does not fit: ask <see cref="Fits"/> first.</exception>
    public void Add(ReadOnlySpan<byte> frame, IReadOnlyList<VerifiedChunk> chunks)
    {
        ArgumentOutOfRangeException.ThrowIfZero(frame.Length);
        ArgumentOutOfRangeException.ThrowIfZero(chunks.Count);
        if (!Fits(frame.Length, chunks.Count))
            throw new InvalidOperationException("the frame does not fit into the pack");
        var refs = new ChunkRef[chunks.Count];
        var plainBytes = 0;
        for (var i = 0; i < refs.Length; i++)
        {
            refs[i] = chunks[i].Ref with { Hash = _domain.NameOf(chunks[i].Hash) };
            plainBytes = checked(plainBytes + refs[i].Length);
        }
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plainBytes, PackFormat.MaxFramePlainBytes, nameof(chunks));

        MakeRoom(frame.Length);
        frame.CopyTo(_buffer.AsSpan(_length));
        _frames.Add(new PackFrame(_length, frame.Length, plainBytes, refs));
        _length += frame.Length;
        _trailerBytes += TrailerBytesOf(refs.Length);
    }

    /// <summary>Writes the trailer and reads the pack back, as a later reader will.</summary>
    /// <exception cref="InvalidOperationException">Nothing was added.</exception>
    /// <exception cref="PackInvalidException">The pack does not read back: the memory is
    /// faulty.</exception>
    public SealedPack Seal()
    {
        if (IsEmpty)
            throw new InvalidOperationException("an empty pack cannot be sealed");
        var frames = _frames.ToArray();
        MakeRoom(_trailerBytes + PackFormat.FooterBytes);
        var end = WriteTrailer(_buffer.AsSpan(_length, _trailerBytes + PackFormat.FooterBytes)) + _length;
        var bytes = _buffer.AsMemory(0, end);
        var contents = PackReader.Read(bytes.Span);
        if (!contents.Frames.Zip(frames, IsSame).All(isSame => isSame) || contents.Frames.Count != frames.Length)
            throw new PackInvalidException(
                "a pack did not read back as it was written: do not trust this machine's memory");
        return new SealedPack(contents, bytes);
    }

    /// <summary>Begins an empty pack of the same domain in the same buffer.</summary>
    public void Reset() => Reset(_domain);

    /// <summary>Begins an empty pack in the same buffer.</summary>
    /// <param name="domain">The domain of the products that have its chunks.</param>
    public void Reset(DedupDomain domain)
    {
        _domain = domain;
        _frames.Clear();
        PackFormat.Magic.CopyTo(_buffer);
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(4), Version);
        _length = PackFormat.HeaderBytes;
        _trailerBytes = PackFormat.CountBytes + (domain.IsShared ? 0 : PackFormat.MaskBytes);
    }

    /// <summary>Returns the buffer; a sealed pack must not be used after that.</summary>
    public void Dispose()
    {
        if (_buffer.Length == 0)
            return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private uint Version => _domain.IsShared ? PackFormat.SharedVersion : PackFormat.IsolatedVersion;

    private static int TrailerBytesOf(int chunks) =>
        checked(PackFormat.FrameEntryBytes + (chunks * PackFormat.ChunkEntryBytes));

    private static bool IsSame(PackFrame one, PackFrame other) =>
        one.Offset == other.Offset && one.StoredBytes == other.StoredBytes && one.PlainBytes == other.PlainBytes
        && one.Chunks.SequenceEqual(other.Chunks);

    private int WriteTrailer(Span<byte> destination)
    {
        var at = 0;
        if (!_domain.IsShared)
        {
            _domain.Mask.CopyTo(destination);
            at = PackFormat.MaskBytes;
        }

        BinaryPrimitives.WriteInt32LittleEndian(destination[at..], _frames.Count);
        at += PackFormat.CountBytes;
        foreach (var frame in _frames)
        {
            BinaryPrimitives.WriteInt32LittleEndian(destination[at..], frame.Offset);
            BinaryPrimitives.WriteInt32LittleEndian(destination[(at + 4)..], frame.StoredBytes);
            BinaryPrimitives.WriteInt32LittleEndian(destination[(at + 8)..], frame.PlainBytes);
            BinaryPrimitives.WriteInt32LittleEndian(destination[(at + 12)..], frame.Chunks.Count);
            at += PackFormat.FrameEntryBytes;
            foreach (var chunk in frame.Chunks)
            {
                chunk.Hash.CopyTo(destination[at..]);
                BinaryPrimitives.WriteInt32LittleEndian(destination[(at + Digest.Size)..], chunk.Length);
                at += PackFormat.ChunkEntryBytes;
            }
        }

        var footer = destination[at..];
        Digest.Of(destination[..at]).CopyTo(footer);
        BinaryPrimitives.WriteInt32LittleEndian(footer[32..], at);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[36..], Version);
        PackFormat.EndMagic.CopyTo(footer[40..]);
        return at + PackFormat.FooterBytes;
    }

    private void MakeRoom(int more)
    {
        if (_length + more <= _buffer.Length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + more, Math.Min(2 * _buffer.Length, MaxBytes)));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
