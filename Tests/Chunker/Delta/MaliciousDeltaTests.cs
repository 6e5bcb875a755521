using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Delta;

/// <summary>Claims of malicious deltas: each is refused as DELTA_BAD and takes little memory.</summary>
public sealed class MaliciousDeltaTests
{
    private const long MaxAllocatedBytes = 48 << 20;

    private static readonly byte[] Base = SampleFiles.Random(new Random(31), 1000);
    private static readonly byte[] BaseFrame = Zstd(Base);
    private static readonly byte[] ZerosFrame = Zstd(new byte[2000]);

    /// <summary>
    /// Entry 0 is a file of 2000 bytes, entry 1 is not a file; 2 and 3 are files, the last too large for a frame.
    /// </summary>
    private static readonly DeltaSizes Sizes = new([1000, -1, 40 << 20], [2000, -1, 500, 40 << 20]);

    public static TheoryData<string> Claims => [.. Corpus.Keys];

    private static Dictionary<string, Func<CraftedDelta>> Corpus { get; } = new()
    {
        ["a copy beyond the base"] = () => One().Step(1, 1000, 0),
        ["a copy that begins beyond the base"] = () => One().Step(1001, 1, 0),
        ["a copy before the base"] = () => One().Step(-1, 10, 0),
        ["a copy from 2^61"] = () => One().Step(1L << 61, 10, 0),
        ["a copy from -2^61"] = () => One().Step(-(1L << 61), 10, 0),
        ["a copy of 2^62 bytes"] = () => One().Step(0, 1L << 62, 0),
        ["a copy of 2^63 - 1 bytes"] = () => One().Step(0, long.MaxValue, 0),
        ["an insert of 2^63 - 1 bytes"] = () => One().Step(0, 0, long.MaxValue),
        ["lengths whose sum is negative"] = () => One().Step(0, 1000, long.MaxValue),
        ["a file longer than signed"] = () => Two().Step(0, 1000, 0).Step(0, 1000, 1),
        ["a step that makes nothing"] = () => One().Step(0, 0, 0),
        ["no steps"] = () => new CraftedDelta().File().Count(0),
        ["2^40 steps"] = () => new CraftedDelta().File().Count(1L << 40),
        ["more steps than a section holds"] = () => new CraftedDelta().File().Count(StepModels.MaxSectionSteps + 1),
        ["inserts that it does not hold"] = () => One().Step(0, 1000, 1000).Gap(1000),
        ["an entry that is not there"] = () => new CraftedDelta().File(entryGap: 4),
        ["entry 2^62"] = () => new CraftedDelta().File(entryGap: 1L << 62),
        ["an entry that is no file"] = () => new CraftedDelta().File(entryGap: 1),
        ["a base that is not there"] = () => new CraftedDelta().File(baseCode: 1 + NumberModel.Fold(3)),
        ["a base before the first"] = () => new CraftedDelta().File(baseCode: 1 + NumberModel.Fold(-1)),
        ["base 2^61"] = () => new CraftedDelta().File(baseCode: 1 + NumberModel.Fold(1L << 61)),
        ["a base that is no file"] = () => new CraftedDelta().File(baseCode: 1 + NumberModel.Fold(1)),
        ["an unknown coding"] = () => new CraftedDelta().File(coding: (DeltaCoding)3),
        ["a program without a base"] = () => new CraftedDelta().File(baseCode: 0, coding: DeltaCoding.Program),
        ["a prefix frame without a base"] = () => Prefix(baseCode: 0).Frame([1]),
        ["a frame longer than the frames"] = () => Prefix().Frame([1], claimed: 2),
        ["a frame of 2^62 bytes"] = () => Prefix().Frame([1], claimed: 1L << 62),
        ["a frame longer than any file it may make"] = () =>
            Prefix().Frame(new byte[(32 << 20) + 1]),
        ["a frame that is none"] = () => Prefix().Frame(new byte[100]),
        ["a frame of another length"] = () => Prefix().Frame(Zstd(new byte[1999])),
        ["a bomb of a frame"] = () => Prefix().Frame(Zstd(new byte[50 << 20])),
        ["a frame for a file too large for one"] = () =>
            Prefix(entryGap: 3).Frame(Zstd(new byte[40 << 20])),
        ["a frame with a base too large for one"] = () =>
            Prefix(baseCode: 1 + NumberModel.Fold(2)).Frame(Zstd(new byte[2000])),
        ["a bomb of inserts"] = () =>
            With(One().Step(0, 1000, 1000).Gap(1000), Zstd(new byte[50 << 20]), 50 << 20, keep: 100),
        ["inserts that are no frame"] = () => With(One().Step(0, 1000, 1000).Gap(1000), new byte[50], 1000),
        ["inserts shorter than they claim"] = () =>
            With(One().Step(0, 1000, 1000).Gap(1000), Zstd(new byte[999]), 1000),
        ["inserts with a window of 2 GiB"] = () => With(One().Step(0, 1000, 1000).Gap(1000), WideWindow(), 1000),
        ["a program whose differences are longer than the frames"] = () =>
            new CraftedDelta().File(coding: DeltaCoding.Program).Count(2).Step(0, 1000, 0).Step(-1000, 1000, 0)
                .Frame([0], claimed: 9).Different(0),
        ["streams that end at once"] = () => One(new CraftedDelta { CodedBytes = 0 }),
        ["more files than it gives"] = () => With(
            new CraftedDelta { Files = 4 }.File().Count(2).Step(0, 1000, 0).Step(-1000, 1000, 0).Gap(2000), [], 0),
        ["more files than the release has"] = () => One(new CraftedDelta { Files = 5 }),
        ["no files"] = () => One(new CraftedDelta { Files = 0 }),
        ["-1 files"] = () => One(new CraftedDelta { Files = -1 }),
        ["a coded part of 2^63 - 1 bytes"] = () => One(new CraftedDelta { CodedBytes = long.MaxValue }),
        ["frames of 2^63 - 1 bytes"] = () => One(new CraftedDelta { FrameBytes = long.MaxValue }),
        ["a negative part"] = () => One(new CraftedDelta { CodedBytes = -1 }),
        ["negative inserts"] = () => One(new CraftedDelta { InsertBytes = -1 }),
        ["another version"] = () => One(new CraftedDelta { Version = 2 }),
        ["another release"] = () => One(new CraftedDelta { From = DeltaPair.To }),
    };

    [Theory]
    [MemberData(nameof(Claims))]
    public void Is_refused_as_DELTA_BAD_and_takes_little_memory(string claim)
    {
        var delta = Corpus[claim]().Build();
        var before = GC.GetAllocatedBytesForCurrentThread();

        var refusal = Assert.Throws<DeltaBadException>(() => DecodeAll(delta));

        Assert.Equal("DELTA_BAD", refusal.Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocatedBytes);
    }

    [Fact]
    public void Copies_of_the_same_bytes_again_and_again_are_fine()
    {
        var delta = Two().Step(0, 1000, 0).Step(-1000, 1000, 0).Gap(2000).Build();

        using var decoder = Open(delta);
        Assert.True(decoder.MoveNext());
        var made = new MemoryStream();
        decoder.WriteTo(new MemoryReader(Base), made.Write);

        Assert.Equal([.. Base, .. Base], made.ToArray());
    }

    [Fact]
    public void A_bad_frame_leaves_the_next_file_as_it_is()
    {
        var delta = new CraftedDelta()
            .File(coding: DeltaCoding.PrefixFrame).Frame(new byte[100])
            .File(entryGap: 1, baseCode: 1 + NumberModel.Fold(-1)).Count(1).Step(0, 500, 0).Gap(500)
            .Build();

        using var decoder = Open(delta);
        Assert.True(decoder.MoveNext());
        Assert.Throws<DeltaBadException>(() => decoder.WriteTo(new MemoryReader(Base), _ => { }));
        Assert.True(decoder.MoveNext());
        var made = new MemoryStream();
        decoder.WriteTo(new MemoryReader(Base), made.Write);

        Assert.Equal(Base[..500], made.ToArray());
    }

    [Fact]
    public void A_base_of_another_length_than_signed_is_refused()
    {
        var delta = One().Step(0, 1000, 0).Gap(1000).Build();

        using var decoder = Open(delta);
        Assert.True(decoder.MoveNext());

        Assert.Throws<DeltaBadException>(() => decoder.WriteTo(new MemoryReader(Base.AsMemory(1)), _ => { }));
    }

    [Fact]
    [Trait("Category", "Random")]
    public void Any_numbers_in_sound_streams_are_refused_or_make_signed_lengths() => Fuzz(rounds: 3000, seed: 41);

    [Fact]
    [Trait("Category", "Slow")]
    [Trait("Category", "Random")]
    public void Any_numbers_in_sound_streams_are_refused_or_make_signed_lengths_for_long() =>
        Fuzz(rounds: 30_000, seed: 42);

    /// <summary>Deltas of any numbers, mostly near those that would be right.</summary>
    private static void Fuzz(int rounds, int seed)
    {
        var random = Rounds.Random(seed);
        for (var round = 0; round < Rounds.Of(rounds); round++)
        {
            var delta = new CraftedDelta { Inserts = BaseFrame, PlainInsertBytes = Base.Length };
            for (var files = 1 + random.Next(3); files > 0; files--)
            {
                var coding = (DeltaCoding)random.Next(random.Next(8) == 0 ? 4 : 3);
                delta.File(random.Next(3) == 0 ? Number(random) : 0, random.Next(3) == 0 ? Number(random) : 1, coding);
                if (coding == DeltaCoding.PrefixFrame)
                {
                    delta.Frame(random.Next(2) == 0 ? ZerosFrame : SampleFiles.Random(random, 50));
                    continue;
                }

                var steps = 1 + random.Next(6);
                delta.Count(random.Next(10) == 0 ? Number(random) : steps);
                for (; steps > 0; steps--)
                {
                    delta.Step(
                        random.Next(4) == 0 ? Number(random) : random.Next(500),
                        random.Next(8) == 0 ? Number(random) : random.Next(500),
                        random.Next(8) == 0 ? Number(random) : random.Next(200));
                }

                if (coding == DeltaCoding.Program)
                {
                    delta.Frame(SampleFiles.Random(random, random.Next(100))).Different(Number(random));
                    continue;
                }

                for (var words = random.Next(10); words > 0; words--)
                    delta.Gap(Number(random) & 511).Difference((uint)Number(random));

                delta.Gap(Number(random));
            }

            DecodeLeniently(delta.Build());
        }
    }

    private static long Number(Random random) => random.Next(6) switch
    {
        0 => random.Next(4),
        1 => (1L << random.Next(62)) - 1,
        2 => 1L << random.Next(62),
        3 => (1L << 31) + random.Next(-2, 3),
        4 => (1L << 32) + random.Next(-2, 3),
        _ => random.Next(2000),
    };

    private static void DecodeLeniently(byte[] bytes)
    {
        try
        {
            using var decoder = Open(bytes);
            while (decoder.MoveNext())
            {
                long made = 0;
                try
                {
                    decoder.WriteTo(BaseOf(decoder.Current), piece => made += piece.Length);
                    Assert.Equal(decoder.Current.TargetBytes, made);
                }
                catch (DeltaBadException)
                {
                    Assert.InRange(made, 0, decoder.Current.TargetBytes);
                }
            }
        }
        catch (DeltaBadException refusal)
        {
            Assert.Equal("DELTA_BAD", refusal.Code);
        }
    }

    private static void DecodeAll(byte[] delta)
    {
        using var decoder = Open(delta);
        while (decoder.MoveNext()) decoder.WriteTo(BaseOf(decoder.Current), _ => { });
    }

    private static IBaseReader? BaseOf(DeltaEntry file) => file.BaseEntry switch
    {
        null => null,
        0 => new MemoryReader(Base),
        _ => new Zeros(Sizes.Base[(int)file.BaseEntry]),
    };

    private static DeltaDecoder Open(byte[] delta) => new(new MemoryReader(delta), DeltaPair.From, DeltaPair.To, Sizes);

    private static CraftedDelta One(CraftedDelta? delta = null) => (delta ?? new CraftedDelta()).File().Count(1);

    private static CraftedDelta Prefix(long entryGap = 0, long baseCode = 1) =>
        new CraftedDelta().File(entryGap, baseCode, DeltaCoding.PrefixFrame);

    private static CraftedDelta Two() => new CraftedDelta().File().Count(2);

    private static CraftedDelta With(CraftedDelta delta, byte[] inserts, long plainBytes, int? keep = null)
    {
        (delta.Inserts, delta.PlainInsertBytes) = (inserts[..(keep ?? inserts.Length)], plainBytes);
        return delta;
    }

    private static byte[] Zstd(byte[] plain)
    {
        using var encoder = new ZstdEncoder(1);
        var room = new byte[ZstdEncoder.MaxEncodedLength(plain.Length)];
        return room[..encoder.Encode(plain, room)];
    }

    /// <summary>A frame of one run-length block that asks for a window of 2 GiB.</summary>
    private static byte[] WideWindow() => Convert.FromHexString("28b52ffd" + "40" + "a8" + "e802" + "431f00" + "00");

    private sealed class Zeros(long length) : IBaseReader
    {
        public long Length => length;

        public void Read(long offset, Span<byte> destination) => destination.Clear();
    }
}
