using System.Buffers.Binary;
using System.Security.Cryptography;
using ChunkOta.Chunking;

namespace ChunkOta.Perf.Catalogues;

/// <summary>The chunks of a generated catalogue, by number from 1. A hash is the SHA-256 of the number, which
/// PostgreSQL computes as well.</summary>
internal static class ChunkNumbers
{
    /// <summary>Plain bytes of each chunk.</summary>
    public const int PlainBytes = 64 * 1024;

    /// <summary>Stored bytes of each chunk.</summary>
    public const int StoredBytes = PlainBytes / 2;

    /// <summary>Chunks in a frame.</summary>
    public const int InFrame = 4;

    /// <summary>Chunks in a pack.</summary>
    public const int InPack = 1024;

    /// <summary>One chunk in this number belongs to no release.</summary>
    public const int GarbageEvery = 1000;

    /// <summary>The hash of a chunk.</summary>
    public static Digest HashOf(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        Span<byte> hash = stackalloc byte[Digest.Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        _ = SHA256.HashData(bytes, hash);
        return Digest.FromBytes(hash);
    }

    /// <summary>True for a chunk that no release has.</summary>
    public static bool IsGarbage(long number) => number % GarbageEvery == 0;
}
