namespace ChunkOta.Protos;

/// <summary>
/// CRC-32 as zip, PNG and Ethernet have it (reflected polynomial 0xEDB88320), for texts that people copy.
/// </summary>
internal static class Crc32
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var remainder = uint.MaxValue;
        foreach (var value in bytes)
        {
            remainder ^= value;
            for (var bit = 0; bit < 8; bit++)
                remainder = (remainder >> 1) ^ (0xEDB88320 & (0 - (remainder & 1)));
        }
        return ~remainder;
    }
}
