using System.Buffers.Binary;

namespace ChunkOta.Tests.Chunker.Delta;

/// <summary>A linker's output for functions that call each other, before and after some were added.</summary>
internal static class SamplePrograms
{
    /// <summary>
    /// Two builds of one program: in the second, new functions stand among the old ones, so that every call moves.
    /// </summary>
    /// <param name="random">Decides everything.</param>
    /// <param name="functions">Functions of the first build.</param>
    /// <param name="added">More functions of the second.</param>
    public static (byte[] Old, byte[] Made) Make(Random random, int functions, int added)
    {
        var bodies = new List<(byte[] Code, (int At, int Function)[] Calls)>();
        for (var function = 0; function < functions + added; function++)
        {
            var code = SampleFiles.Random(random, 40 + random.Next(200));
            // No byte of the filling looks like an instruction with an address.
            for (var at = 0; at < code.Length; at++) code[at] = (byte)(0x90 | (code[at] & 7));
            var calls = new List<(int, int)>();
            for (var at = 1 + random.Next(20); at + 4 < code.Length; at += 5 + random.Next(40))
            {
                code[at - 1] = 0xE8;
                calls.Add((at, random.Next(functions)));
            }

            bodies.Add((code, [.. calls]));
        }

        var second = Enumerable.Range(0, functions).ToList();
        for (var function = functions; function < bodies.Count; function++)
            second.Insert(random.Next(second.Count), function);
        return (Link(bodies, [.. Enumerable.Range(0, functions)]), Link(bodies, [.. second]));
    }

    private static byte[] Link(List<(byte[] Code, (int At, int Function)[] Calls)> bodies, int[] order)
    {
        var offsets = new int[bodies.Count];
        var length = 0;
        foreach (var function in order)
        {
            offsets[function] = length;
            length += bodies[function].Code.Length;
        }

        var image = new byte[length];
        foreach (var function in order)
        {
            var (code, calls) = bodies[function];
            code.CopyTo(image, offsets[function]);
            foreach (var (at, callee) in calls)
            {
                var field = offsets[function] + at;
                BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(field), offsets[callee] - field - 4);
            }
        }

        return image;
    }
}
