using System.Buffers.Binary;
using System.Security.Cryptography;
using ChunkOta.Chunking;

namespace ChunkOta.Tests.Chunker.Cutting;

/// <summary>
/// FastCDC as the paper describes it, without regard to speed: the reference of the kernels.
/// </summary>
internal static class PaperFastCdc
{
    private static readonly ulong[] Gear = [.. Enumerable.Range(0, 256).Select(GearOf)];

#pragma warning disable CA5351 // The gear table is defined by MD5; nothing here relies on its strength.
    public static ulong GearOf(int value) =>
        BinaryPrimitives.ReadUInt64BigEndian(MD5.HashData([.. Enumerable.Repeat((byte)value, 64)]));
#pragma warning restore CA5351

    /// <summary>All chunk lengths of whole data, and the last hash of each chunk.</summary>
    public static List<(int Length, ulong Hash)> Cut(byte[] data, CutParameters parameters, CutMasks masks)
    {
        var chunks = new List<(int, ulong)>();
        for (var at = 0; at < data.Length;)
        {
            var chunk = Next(data, at, parameters, masks);
            chunks.Add(chunk);
            at += chunk.Length;
        }

        return chunks;
    }

    private static (int Length, ulong Hash) Next(byte[] data, int start, CutParameters parameters, CutMasks masks)
    {
        var longest = Math.Min(data.Length - start, parameters.Max);
        var hash = 0UL;
        for (var i = parameters.Min; i < longest - (longest % 2); i++)
        {
            hash = unchecked((hash * 2) + (Gear[data[start + i]] ^ parameters.Seed));
            var mask = i < parameters.Average ? masks.Strict : masks.Loose;
            if ((hash & mask) == 0)
                return (i, hash);
        }

        return (longest, hash);
    }
}
