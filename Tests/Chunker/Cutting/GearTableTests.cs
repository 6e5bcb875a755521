using ChunkOta.Chunking;

namespace ChunkOta.Tests.Chunker.Cutting;

public sealed class GearTableTests
{
    [Fact]
    public void Every_number_is_the_high_half_of_the_MD5_of_its_byte_64_times()
    {
        Assert.Equal(GearTable.Length, GearTable.Values.Length);
        for (var value = 0; value < GearTable.Length; value++)
            Assert.Equal(PaperFastCdc.GearOf(value), GearTable.Values[value]);
    }

    [Fact]
    public void A_seed_is_xored_into_every_number()
    {
        var seeded = new ulong[GearTable.Length];

        GearTable.CopySeeded(0x0123_4567_89ab_cdef, seeded);

        for (var value = 0; value < GearTable.Length; value++)
            Assert.Equal(0x0123_4567_89ab_cdefUL, seeded[value] ^ GearTable.Values[value]);
    }
}
