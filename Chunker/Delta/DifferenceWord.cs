using System.Buffers.Binary;

namespace ChunkOta.Chunking;

/// <summary>
/// The difference of up to four bytes as one little-endian number, from the first byte that differs: addresses that
/// moved by the same distance then differ by the same number, whatever carries.
/// </summary>
internal static class DifferenceWord
{
    /// <summary>Bytes of a word; fewer where a copy ends.</summary>
    public const int Bytes = 4;

    /// <summary>New minus old, modulo the word's size.</summary>
    public static uint Of(ReadOnlySpan<byte> made, ReadOnlySpan<byte> old)
    {
        var difference = Read(made) - Read(old);
        // Of a short word the sign is spread, so that small numbers stay small.
        var unused = 32 - (8 * made.Length);
        return (uint)((int)(difference << unused) >> unused);
    }

    /// <summary>Adds a difference to the word that fills <paramref name="word"/>.</summary>
    public static void Add(Span<byte> word, uint difference)
    {
        var sum = Read(word) + difference;
        if (word.Length == Bytes)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(word, sum);
            return;
        }

        for (var at = 0; at < word.Length; at++) word[at] = (byte)(sum >> (8 * at));
    }

    private static uint Read(ReadOnlySpan<byte> word)
    {
        if (word.Length == Bytes)
            return BinaryPrimitives.ReadUInt32LittleEndian(word);
        uint value = 0;
        for (var at = 0; at < word.Length; at++) value |= (uint)word[at] << (8 * at);
        return value;
    }
}
