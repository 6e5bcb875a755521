using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Delta;

/// <summary>A delta from anyone does no harm: it makes files of the signed length or is refused as DELTA_BAD.</summary>
public sealed class DamagedDeltaTests
{
    [Fact]
    public void A_delta_for_other_releases_is_refused()
    {
        var pair = new DeltaPair().With([1, 2], [1, 3]);
        var delta = pair.Encode();

        Assert.Equal("DELTA_BAD", Assert.Throws<DeltaBadException>(() =>
            new DeltaDecoder(new MemoryReader(delta), DeltaPair.To, DeltaPair.From, pair.Sizes)).Code);
    }

    [Fact]
    public void Any_prefix_of_a_delta_is_refused_or_makes_signed_lengths()
    {
        var (pair, delta) = Sample();

        for (var length = 0; length < delta.Length; length += 1 + (length / 40)) Run(pair, delta[..length]);
    }

    [Fact]
    public void Any_changed_byte_is_refused_or_makes_signed_lengths()
    {
        var (pair, delta) = Sample();

        for (var at = 0; at < delta.Length; at += 1 + (at / 400))
        {
            var damaged = (byte[])delta.Clone();
            damaged[at] ^= (byte)(1 << (at % 8));
            Run(pair, damaged);
        }
    }

    [Fact]
    [Trait("Category", "Random")]
    public void Random_streams_under_a_good_header_are_refused_or_make_signed_lengths()
    {
        var random = Rounds.Random(11);
        var (pair, delta) = Sample();
        for (var round = 0; round < Rounds.Of(300); round++)
        {
            var damaged = (byte[])delta.Clone();
            random.NextBytes(damaged.AsSpan(100));
            Run(pair, damaged);
        }
    }

    private static (DeltaPair Pair, byte[] Delta) Sample()
    {
        var random = new Random(9);
        var pair = new DeltaPair();
        foreach (var length in (int[])[3000, 10, 20_000])
        {
            var old = SampleFiles.Make(random, length);
            pair.With(SampleFiles.Change(random, old), old);
        }

        var (program, next) = SamplePrograms.Make(random, 100, 30);
        pair.With(next, program);
        pair.With("a file of its own"u8.ToArray(), null);
        return (pair, pair.Encode());
    }

    /// <summary>Writes every file it can; a refusal of one file leaves the next ones to be tried.</summary>
    private static void Run(DeltaPair pair, byte[] delta)
    {
        try
        {
            using var decoder = pair.Open(delta);
            while (decoder.MoveNext())
            {
                try
                {
                    Assert.Equal(decoder.Current.TargetBytes, pair.Write(decoder).Length);
                }
                catch (DeltaBadException refusal)
                {
                    Assert.Equal("DELTA_BAD", refusal.Code);
                }
            }
        }
        catch (DeltaBadException refusal)
        {
            Assert.Equal("DELTA_BAD", refusal.Code);
        }
    }
}
