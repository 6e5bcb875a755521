namespace ChunkOta.Chunking;

/// <summary>What to expect of the bytes that a delta inserts.</summary>
internal static class Inserts
{
    /// <summary>The level for inserts that are dense; a higher one takes ten times as long and saves 2 bytes in 1000.</summary>
    public const int DenseLevel = 3;

    /// <summary>Of fewer bytes no sample is taken.</summary>
    private const int MinBytes = 1 << 20;

    private const int Samples = 16;
    private const int SampleBytes = 1 << 15;

    /// <summary>Whether next to nothing can be saved of them: they are compressed or random already.</summary>
    /// <param name="inserts">Read here and there; where it stands afterwards is open.</param>
    /// <param name="insertBytes">Its length.</param>
    public static bool AreDense(Stream inserts, long insertBytes)
    {
        if (insertBytes < MinBytes)
            return false;
        using var zstd = new ZstdEncoder(DenseLevel);
        var sample = new byte[SampleBytes];
        var room = new byte[ZstdEncoder.MaxEncodedLength(SampleBytes)];
        long encoded = 0;
        for (var number = 0; number < Samples; number++)
        {
            inserts.Position = (insertBytes - SampleBytes) / (Samples - 1) * number;
            inserts.ReadExactly(sample);
            encoded += zstd.Encode(sample, room);
        }

        return encoded > Samples * SampleBytes / 100 * 98;
    }
}
