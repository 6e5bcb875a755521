namespace ChunkOta.Tests.Chunker.Delta;

/// <summary>
/// Files and their next versions, as programs and texts change: moved, inserted, cut, addresses shifted.
/// </summary>
internal static class SampleFiles
{
    public static byte[] Random(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Random bytes, a text, or a program-like mixture.</summary>
    public static byte[] Make(Random random, int length)
    {
        if (random.Next(3) == 0)
            return Random(random, length);
        var words = new byte[64][];
        for (var word = 0; word < words.Length; word++) words[word] = Random(random, 1 + random.Next(12));
        using var made = new MemoryStream();
        while (made.Length < length) made.Write(words[random.Next(words.Length)]);
        return made.ToArray()[..length];
    }

    /// <summary>The next version of a file.</summary>
    public static byte[] Change(Random random, byte[] old)
    {
        var made = old.ToList();
        for (var count = random.Next(12); count > 0; count--)
        {
            var at = random.Next(made.Count + 1);
            var length = Math.Min(random.Next(1 + random.Next(3000)), made.Count - at);
            switch (random.Next(5))
            {
                case 0:
                    made.InsertRange(at, Random(random, random.Next(300)));
                    break;
                case 1:
                    made.RemoveRange(at, length);
                    break;
                case 2:
                    made.InsertRange(random.Next(made.Count), made.GetRange(at, length));
                    break;
                case 3:
                    Shift(random, made, at, length);
                    break;
                default:
                    for (var index = at; index < at + length; index += 1 + random.Next(40)) made[index]++;
                    break;
            }
        }

        return [.. made];
    }

    /// <summary>Adds the same to words here and there, as when code moved and addresses with it.</summary>
    private static void Shift(Random random, List<byte> made, int start, int length)
    {
        var distance = random.Next(1 << 16);
        for (var at = start; at + 4 <= start + length; at += 4 + random.Next(30))
        {
            var word = BitConverter.ToUInt32([.. made.GetRange(at, 4)]) + (uint)distance;
            for (var index = 0; index < 4; index++) made[at + index] = (byte)(word >> (8 * index));
        }
    }
}
