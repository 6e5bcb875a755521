using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Delta;

/// <summary>
/// Encoder and decoder each sort the copies: a look-up must not depend on the sort.
/// </summary>
public sealed class CopyMapTests
{
    [Fact]
    public void What_a_copy_takes_moves_as_far_as_the_copy_and_the_rest_does_not()
    {
        var map = new CopyMap();

        map.Set([new CopyStep(100, 50, 7), new CopyStep(0, 0, 3), new CopyStep(300, 1, 0)], targetStart: 1000);

        Assert.Equal(900L, ShiftOf(map, 100));
        Assert.Equal(900L, ShiftOf(map, 149));
        Assert.Equal(1060L - 300, ShiftOf(map, 300));
        Assert.All([0u, 99u, 150u, 299u, 301u], offset => Assert.Null(ShiftOf(map, offset)));
    }

    [Fact]
    public void A_new_section_replaces_the_last()
    {
        var map = new CopyMap();
        map.Set([new CopyStep(100, 50, 0), new CopyStep(200, 50, 0)], targetStart: 0);

        map.Set([new CopyStep(400, 50, 0)], targetStart: 1400);

        Assert.Equal(1000L, ShiftOf(map, 400));
        Assert.All([100u, 200u], offset => Assert.Null(ShiftOf(map, offset)));
    }

    [Fact]
    public void Of_copies_that_begin_at_the_same_byte_the_one_that_moves_farthest_counts()
    {
        var map = new CopyMap();

        map.Set([new CopyStep(0, 40, 0), new CopyStep(0, 10, 0), new CopyStep(0, 20, 0)], targetStart: 0);

        Assert.Equal(50L, ShiftOf(map, 19));
        Assert.Null(ShiftOf(map, 20));
    }

    /// <summary>
    /// Many equal keys, more than a sort leaves alone; the rule is applied here without sorting at all.
    /// </summary>
    [Fact]
    [Trait("Category", "Random")]
    public void Copies_are_in_one_total_order_by_base_shift_and_end()
    {
        var random = Rounds.Random(61);
        var map = new CopyMap();
        for (var round = 0; round < Rounds.Of(100); round++)
        {
            var section = new CopyStep[1 + random.Next(200)];
            for (var i = 0; i < section.Length; i++)
                section[i] = new CopyStep(16 * random.Next(6), random.Next(40), random.Next(3));
            var start = random.Next(1000);

            map.Set(section, start);

            for (var offset = 0u; offset < 140; offset++)
                Assert.Equal(Expected(section, start, offset), ShiftOf(map, offset));
        }
    }

    /// <summary>Copies are looked for in the part of the base that they start in, whatever parts there are.</summary>
    [Theory]
    [InlineData(40, 3_000)]
    [InlineData(500, 700)]
    [InlineData(300, 6_000_000_000)]
    public void Copies_are_found_wherever_they_lie(int count, long baseBytes)
    {
        var random = new Random(count);
        var section = new CopyStep[count];
        for (var i = 0; i < count; i++)
        {
            var offset = random.NextInt64(baseBytes);
            section[i] = new CopyStep(offset, random.NextInt64(baseBytes - offset) / 4, 1);
        }
        var map = new CopyMap();

        map.Set(section, 1000);

        foreach (var step in section)
        {
            foreach (var offset in (long[])[step.BaseOffset - 1, step.BaseOffset, step.BaseOffset + step.CopyBytes])
            {
                if (offset is >= 0 and <= uint.MaxValue)
                    Assert.Equal(Expected(section, 1000, (uint)offset), ShiftOf(map, (uint)offset));
            }
        }
    }

    private static long? Expected(CopyStep[] section, long target, uint offset)
    {
        (long Start, long Shift, long End)? last = null;
        foreach (var step in section)
        {
            var copy = (Start: step.BaseOffset, Shift: target - step.BaseOffset, End: step.BaseOffset + step.CopyBytes);
            if (step.CopyBytes > 0 && copy.Start <= offset && (last is null || copy.CompareTo(last.Value) > 0))
                last = copy;

            target += step.CopyBytes + step.InsertBytes;
        }

        return last is { } found && offset < found.End ? (uint)found.Shift : null;
    }

    private static long? ShiftOf(CopyMap map, uint offset) => map.TryGetShift(offset, out var shift) ? shift : null;
}
