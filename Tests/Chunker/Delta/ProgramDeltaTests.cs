using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Delta;

/// <summary>Programs whose addresses moved.</summary>
public sealed class ProgramDeltaTests
{
    private readonly byte[] _old;
    private readonly byte[] _made;

    public ProgramDeltaTests() => (_old, _made) = SamplePrograms.Make(new Random(21), functions: 1500, added: 12);

    [Fact]
    public void Calls_that_moved_with_their_targets_cost_next_to_nothing()
    {
        var pair = new DeltaPair().With(_made, _old);

        var delta = pair.Encode();

        Assert.Equal(_made, Assert.Single(pair.Decode(delta)));
        // Twelve functions of about 140 bytes are new; nearly all of the 8,000 calls changed.
        Assert.InRange(delta.Length, 100, 2500);
        using var decoder = pair.Open(delta);
        Assert.True(decoder.MoveNext());
        var facts = decoder.Skip();
        Assert.Equal(DeltaCoding.Program, facts.Coding);
        Assert.InRange(facts.DifferentBytes, 20_000, 40_000);
        Assert.InRange(facts.InsertedBytes, 1000, 2500);
    }

    [Fact]
    public void A_base_of_other_bytes_spoils_only_its_own_file()
    {
        var pair = new DeltaPair().With(_made, _old).With("new text, old text"u8.ToArray(), "old text"u8.ToArray());
        var delta = pair.Encode();
        for (var seed = 0; seed < 20; seed++)
        {
            using var decoder = pair.Open(delta);

            Assert.True(decoder.MoveNext());
            var made = new MemoryStream();
            try
            {
                decoder.WriteTo(new MemoryReader(SampleFiles.Random(new Random(seed), _old.Length)), made.Write);
                Assert.Equal(_made.Length, made.Length);
            }
            catch (DeltaBadException refusal)
            {
                Assert.Equal("DELTA_BAD", refusal.Code);
            }

            Assert.True(decoder.MoveNext());
            Assert.Equal("new text, old text"u8, pair.Write(decoder));
            Assert.False(decoder.MoveNext());
        }
    }

    [Fact]
    public void A_program_that_is_passed_over_leaves_the_next_file_as_it_is()
    {
        var pair = new DeltaPair().With(_made, _old).With("new text, old text"u8.ToArray(), "old text"u8.ToArray());

        using var decoder = pair.Open(pair.Encode());

        Assert.True(decoder.MoveNext());
        Assert.True(decoder.MoveNext());
        Assert.Equal("new text, old text"u8, pair.Write(decoder));
    }
}
