using ChunkOta.Chunking;

namespace ChunkOta.Tests.Chunker.Cutting;

/// <summary>Data that any program can make again, for vectors.</summary>
internal static class TestBytes
{
    /// <summary>
    /// Bits 37 to 44 of Knuth's linear congruential sequence: what public vectors of the fastcdc crate cut.
    /// </summary>
    public static byte[] Congruential(int length)
    {
        var bytes = new byte[length];
        var state = 0x4d59_5df4_d0f3_3173UL;
        for (var i = 0; i < length; i++)
        {
            state = unchecked((state * 6_364_136_223_846_793_005UL) + 1_442_695_040_888_963_407UL);
            bytes[i] = (byte)(state >> 37);
        }

        return bytes;
    }

    /// <summary>Random bytes; every third file repeats few values, so that cuts fall at the limits too.</summary>
    public static byte[] Random(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        if (random.Next(3) == 0)
        {
            var values = random.Next(1, 5);
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)(bytes[i] % values);
        }

        return bytes;
    }

    /// <summary>Any valid parameters small enough for many chunks in little data.</summary>
    public static CutParameters Parameters(Random random)
    {
        var average = 256 << random.Next(6);
        var min = random.Next(CutParameters.MinLimit, average + 1) & ~1;
        var max = average + random.Next(4 * average);
        return new CutParameters(min, average, max, random.Next(2) == 0 ? 0 : (ulong)random.NextInt64());
    }

    /// <summary>All chunk lengths of whole data.</summary>
    public static List<int> Cut(ReadOnlySpan<byte> data, CutParameters parameters)
    {
        var lengths = new List<int>();
        for (var at = 0; at < data.Length; at += lengths[^1])
            lengths.Add(FastCdc.NextCut(data[at..], parameters, isFinal: true));
        return lengths;
    }
}
