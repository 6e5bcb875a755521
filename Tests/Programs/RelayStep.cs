namespace ChunkOta.Tests.Support;

/// <summary>The treatment of one connection: what happens to the bytes that the server sends on it.</summary>
internal sealed record RelayStep
{
    private const int MisplacedBytes = 4096;

    /// <summary>Passes everything.</summary>
    public static RelayStep Good { get; } = new();

    /// <summary>The connection is closed after this many bytes.</summary>
    public long? CloseAfter { get; init; }

    /// <summary>The connection is reset after this many bytes.</summary>
    public long? ResetAfter { get; init; }

    /// <summary>Nothing more passes after this many bytes, and the connection stays open.</summary>
    public long? StallAfter { get; init; }

    /// <summary>The server's side is closed after this many bytes; what the client sends still passes.</summary>
    public long? HalfCloseAfter { get; init; }

    /// <summary>One bit of the byte at this offset is flipped.</summary>
    public long? FlipAt { get; init; }

    /// <summary>The piece with the byte at this offset passes twice.</summary>
    public long? RepeatAt { get; init; }

    /// <summary>From this offset on, up to 4 KiB are replaced by bytes of another range.</summary>
    public long? MisplaceAt { get; init; }

    /// <summary>The rate; null for no limit.</summary>
    public int? BytesPerSecond { get; init; }

    /// <summary>The relay answers by HTTP/1.1, instead of the server, that the service is unavailable (503).</summary>
    public bool IsUnavailable { get; init; }

    /// <summary>This request of HTTP/1.1 gets the answer to the one before it, as from a proxy that mixes them up; the
    /// first is 1.</summary>
    public int? MixesUpRequest { get; init; }

    /// <summary>The offset at which the connection ends, in whatever way.</summary>
    public long End => CloseAfter ?? ResetAfter ?? StallAfter ?? HalfCloseAfter ?? long.MaxValue;

    /// <summary>Changes the bytes of a piece.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="offset">The offset of its first byte.</param>
    public void Change(Span<byte> piece, long offset)
    {
        if (IndexOf(FlipAt, piece, offset) is { } flipped)
            piece[flipped] ^= 0x10;
        if (IndexOf(MisplaceAt, piece, offset) is { } misplaced)
        {
            var length = Math.Min(MisplacedBytes, piece.Length - misplaced);
            piece[..length].ToArray().CopyTo(piece[misplaced..]);
        }
    }

    /// <summary>Tells whether a piece passes twice.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="offset">The offset of its first byte.</param>
    public bool Repeats(ReadOnlySpan<byte> piece, long offset) => IndexOf(RepeatAt, piece, offset) is not null;

    private static int? IndexOf(long? at, ReadOnlySpan<byte> piece, long offset) =>
        at is { } wanted && wanted >= offset && wanted < offset + piece.Length ? (int)(wanted - offset) : null;
}
