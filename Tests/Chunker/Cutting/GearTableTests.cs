using System.Buffers.Binary;
using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

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
    public void The_documented_numbers_are_the_first_two()
    {
        var documented = FormatDoc.Example("Cutting");

        Assert.Equal(GearTable.Values[0], BinaryPrimitives.ReadUInt64BigEndian(documented));
        Assert.Equal(GearTable.Values[1], BinaryPrimitives.ReadUInt64BigEndian(documented.AsSpan(8)));
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
