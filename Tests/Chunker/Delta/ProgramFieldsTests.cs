using ChunkOta.Chunking;

namespace ChunkOta.Tests.Chunker.Delta;

public class ProgramFieldsTests
{
    /// <summary>Bytes of which instructions are made, and such as a field's highest byte may be.</summary>
    private static readonly byte[] Telling =
        [0xE8, 0xE9, 0x0F, 0x80, 0x8F, 0x48, 0x4F, 0x8D, 0x05, 0x3D, 0x8B, 0x63, 0xC7, 0xF6, 0x38, 0x00, 0x01,
            0x02, 0xFD, 0xFE, 0xFF];

    [Theory]
    [InlineData(1000)]
    [InlineData(40L << 20)]
    [InlineData(600L << 20)]
    [InlineData(9L << 30)]
    public void Every_byte_at_which_a_field_begins_is_marked(long baseBytes)
    {
        var random = new Random(7);
        var marks = new ulong[ProgramModels.BlockBytes / 64];
        var fields = 0;
        foreach (var length in (int[])[1, 3, 4, 19, 20, 21, 64, 100, 5000, ProgramModels.BlockBytes])
        {
            var old = new byte[ProgramFields.Before + length];
            random.NextBytes(old);
            for (var at = 0; at < old.Length; at++)
            {
                if (random.Next(4) > 0)
                    old[at] = Telling[random.Next(Telling.Length)];
            }

            Array.Fill(marks, ulong.MaxValue);
            ProgramFields.Mark(old, baseBytes, marks);

            for (var at = 0; at + ProgramFields.Bytes <= length; at++)
            {
                if (ProgramFields.KindAt(old, at + ProgramFields.Before, baseBytes / 2, baseBytes, out _) < 0)
                    continue;
                fields++;
                Assert.True((marks[at / 64] >> (at % 64) & 1) != 0, $"{at} of {length}");
            }
        }

        Assert.True(fields > 100);
    }

    [Fact]
    public void An_instruction_with_a_relative_operand_is_one_of_a_list()
    {
        byte[] listed =
        [
            0x03, 0x2B, 0x33, 0x38, 0x39, 0x3A, 0x3B, 0x63, 0x80, 0x81, 0x83, 0x85, 0x88, 0x89, 0x8A, 0x8B, 0xC6, 0xC7,
            0xF6, 0xF7, 0xFF,
        ];

        var found = Enumerable.Range(0, 256).Select(value => (byte)value).Where(opcode =>
            ProgramFields.KindAt([0, opcode, 0x05, 100, 0, 0, 0], ProgramFields.Before, 0, 1000, out _) == 4);

        Assert.Equal(listed, found);
    }
}
