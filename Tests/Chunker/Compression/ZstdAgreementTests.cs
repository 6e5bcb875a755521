using ChunkOta.Chunking;
using ChunkOta.Tests.Chunker.Delta;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Compression;

/// <summary>libzstd and its translation read what the other one writes, and refuse the same windows.</summary>
public sealed class ZstdAgreementTests : IDisposable
{
    /// <summary>ZSTD_error_frameParameter_windowTooLarge.</summary>
    private const int WindowTooLarge = 16;

    private readonly ZstdSide _this;
    private readonly ZstdSide _other;

    public ZstdAgreementTests() => (_this, _other) = ZstdSide.Both();

    public void Dispose()
    {
        _this.Dispose();
        _other.Dispose();
    }

    /// <summary>The levels that the product uses, from copies made in passing to the best deltas.</summary>
    public static TheoryData<int> Levels => [1, 3, 9, 19];

    [Fact]
    public void The_build_property_decides_which_zstd_is_in_use()
    {
#if MANAGED_ZSTD
        var (inUse, compared) = (_this, _other);
#else
        var (compared, inUse) = (_this, _other);
#endif
        Assert.StartsWith("ZstdSharp 1.", inUse.Implementation, StringComparison.Ordinal);
        Assert.StartsWith("libzstd 1.", compared.Implementation, StringComparison.Ordinal);
    }

    [Fact]
    public void Chunker_refers_to_the_managed_zstd_only_where_it_is_in_use()
    {
        var references = typeof(ZstdDecoder).Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name);

        Assert.Equal(
            _this.Implementation.StartsWith("ZstdSharp", StringComparison.Ordinal), references.Contains("ZstdSharp"));
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Each_decodes_the_frames_of_the_other(int level)
    {
        foreach (var plain in Contents(level))
        {
            foreach (var (writer, reader) in BothWays())
            {
                var decoded = new byte[plain.Length];

                Assert.Equal(ZstdOutcome.Accepted, reader.Decode(writer.Encode(plain, level), decoded));

                Assert.Equal(plain, decoded);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Each_inflates_the_streams_of_the_other(int level)
    {
        var repeated = Enumerable.Repeat(SampleFiles.Random(new Random(level), 1 << 20), 9).SelectMany(bytes => bytes);
        foreach (var plain in Contents(level).Append([.. repeated]))
        {
            foreach (var (writer, reader) in BothWays())
            {
                var inflated = new byte[plain.Length];

                Assert.Equal(ZstdOutcome.Accepted, reader.Inflate(writer.Deflate(plain, level), inflated));

                Assert.True(plain.AsSpan().SequenceEqual(inflated));
            }
        }
    }

    [Theory]
    [Trait("Category", "Random")]
    [MemberData(nameof(Levels))]
    public void Each_decodes_what_the_other_encoded_with_a_prefix(int level)
    {
        var random = Rounds.Random(level);
        for (var round = 0; round < Rounds.Of(4); round++)
        {
            var old = SampleFiles.Make(random, random.Next(100_000, 1_000_000));
            var made = SampleFiles.Change(random, old);
            foreach (var (writer, reader) in BothWays())
            {
                var decoded = new byte[made.Length];

                var frame = writer.Encode(made, level, old);

                Assert.Equal(
                    ZstdOutcome.Accepted, reader.Decode(frame, decoded, old, ZstdEncoder.MaxPrefixWindowLog));
                Assert.Equal(made, decoded);
            }
        }
    }

    /// <summary>Long-distance matching alone finds bytes that far back at level 3.</summary>
    [Fact]
    public void Each_finds_what_is_33_MiB_back_in_a_prefix_and_the_other_decodes_it()
    {
        var old = SampleFiles.Random(new Random(26), 33 << 20);
        byte[] made = [.. old.AsSpan(0, 300_000), .. "changed"u8, .. old.AsSpan(300_000, 300_000)];
        foreach (var (writer, reader) in BothWays())
        {
            var decoded = new byte[made.Length];

            var frame = writer.Encode(made, level: 3, old);

            Assert.InRange(frame.Length, 20, 2000);
            Assert.Equal(ZstdOutcome.OverLimit, reader.Decode(frame, decoded, old, maxWindowLog: 19));
            Assert.Equal(ZstdOutcome.Accepted, reader.Decode(frame, decoded, old, ZstdEncoder.MaxPrefixWindowLog));
            Assert.True(made.AsSpan().SequenceEqual(decoded));
        }
    }

    [Fact]
    public void Without_its_prefix_a_frame_is_refused_by_both_and_with_another_one_both_answer_alike()
    {
        var random = new Random(5);
        var old = SampleFiles.Random(random, 50_000);
        var another = SampleFiles.Random(random, old.Length);
        byte[] made = [.. old.AsSpan(10_000), .. old.AsSpan(0, 10_000)];
        foreach (var (writer, reader) in BothWays())
        {
            var frame = writer.Encode(made, level: 3, old);
            var (here, there) = (new byte[made.Length], new byte[made.Length]);

            Assert.Equal(ZstdOutcome.Damaged, writer.Decode(frame, here));
            Assert.Equal(ZstdOutcome.Damaged, reader.Decode(frame, there));
            Assert.Equal(ZstdOutcome.Accepted, writer.Decode(frame, here, another));
            Assert.Equal(ZstdOutcome.Accepted, reader.Decode(frame, there, another));
            Assert.Equal(here, there);
            Assert.NotEqual(Digest.Of(made), Digest.Of(here));
        }
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(23, 23)]
    [InlineData(26, 26)]
    [InlineData(24, 23)]
    [InlineData(27, 26)]
    [InlineData(31, 23)]
    public void Both_refuse_a_window_over_the_cap_and_accept_one_at_it(int log, int cap)
    {
        var frame = HandmadeZstd.Windowed(log, 1000, HandmadeZstd.Zeros(1000));
        var (outcome, errorCode) = log > cap ? (ZstdOutcome.OverLimit, WindowTooLarge) : (ZstdOutcome.Accepted, 0);
        foreach (var zstd in new[] { _this, _other })
        {
            Assert.Equal(outcome, zstd.Decode(frame, new byte[1000], maxWindowLog: cap));
            Assert.Equal(errorCode, zstd.StreamErrorCode(frame[..^2], cap));
        }
    }

    [Fact]
    public void A_destination_that_is_too_short_has_the_same_error_in_both()
    {
        foreach (var zstd in new[] { _this, _other })
            Assert.False(zstd.TryEncode(SampleFiles.Random(new Random(1), 100_000), new byte[99_000]));
    }

    private (ZstdSide Writer, ZstdSide Reader)[] BothWays() => [(_this, _other), (_other, _this)];

    /// <summary>
    /// Nothing, zeros, random bytes, texts, made-up programs and a real one, around the lengths of blocks.
    /// </summary>
    private static IEnumerable<byte[]> Contents(int seed)
    {
        var random = new Random(seed);
        foreach (var length in new[] { 0, 1, 100, 65_536, 131_071, 131_072, 131_073, 524_288 })
        {
            yield return new byte[length];
            yield return SampleFiles.Random(random, length);
            yield return SampleFiles.Make(random, length);
        }

        yield return SamplePrograms.Make(random, 2000, 10).Made;
        yield return File.ReadAllBytes(typeof(ZstdDecoder).Assembly.Location);
    }
}
