using System.Diagnostics;
using ChunkOta.Chunking;
using ChunkOta.Tests.Chunker.Cutting;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Compression;

public sealed class ZstdEncoderTests
{
    [Theory]
    [Trait("Category", "Random")]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(19)]
    public void What_is_encoded_decodes_to_the_same_bytes(int level)
    {
        var random = Rounds.Random(level);
        using var encoder = new ZstdEncoder(level);
        using var decoder = new ZstdDecoder();
        for (var round = 0; round < Rounds.Of(100); round++)
        {
            var plain = TestBytes.Random(random, random.Next(3) == 0 ? random.Next(200_000) : random.Next(100));

            var frame = Encode(encoder, plain);

            var decoded = new byte[plain.Length];
            decoder.Decode(frame, decoded);
            Assert.Equal(plain, decoded);
        }
    }

    [Theory]
    [Trait("Category", "Random")]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(19)]
    public void A_new_version_takes_little_where_the_old_one_is_the_prefix(int level)
    {
        var random = Rounds.Random(level);
        using var encoder = new ZstdEncoder(level);
        using var decoder = new ZstdDecoder();
        for (var round = 0; round < Rounds.Of(10); round++)
        {
            var old = TestBytes.Congruential(random.Next(100_000, 3_000_000));
            byte[] changed = [.. old[50_000..], .. "inserted"u8, .. old[..50_000]];

            var frame = Encode(encoder, changed, old);

            var decoded = new byte[changed.Length];
            decoder.Decode(frame, decoded, old, maxWindowLog: 26);
            Assert.Equal(changed, decoded);
            Assert.InRange(frame.Length, 20, changed.Length / 100);
        }
    }

    [Fact]
    public void A_prefix_further_back_than_a_levels_window_is_seen()
    {
        using var encoder = new ZstdEncoder(1);
        using var decoder = new ZstdDecoder();
        var old = TestBytes.Congruential(12 * 1024 * 1024);
        byte[] changed = [.. old[..100_000], .. "changed"u8, .. old[100_000..200_000]];

        var frame = Encode(encoder, changed, old);

        var decoded = new byte[changed.Length];
        decoder.Decode(frame, decoded, old, maxWindowLog: 26);
        Assert.Equal(changed, decoded);
        Assert.InRange(frame.Length, 20, 1000);
    }

    [Fact]
    public void A_prefix_serves_one_frame_only()
    {
        using var encoder = new ZstdEncoder(3);
        using var decoder = new ZstdDecoder();
        var plain = TestBytes.Congruential(100_000);
        var alone = Encode(encoder, plain);

        Assert.False(encoder.TryEncode(plain, new byte[10], out var written, plain.ToArray()));
        var afterShort = Encode(encoder, plain);
        var withPrefix = Encode(encoder, plain, plain.ToArray());
        var afterPrefix = Encode(encoder, plain);

        Assert.Equal(0, written);
        Assert.Equal(alone, afterShort);
        Assert.Equal(alone, afterPrefix);
        Assert.True(withPrefix.Length < alone.Length / 100);
        decoder.Decode(afterPrefix, new byte[plain.Length]);
    }

    [Fact]
    public void A_frame_without_a_prefix_keeps_to_the_window_of_chunk_frames()
    {
        using var encoder = new ZstdEncoder(ZstdEncoder.MaxLevel);
        using var decoder = new ZstdDecoder();
        var plain = new byte[20 * 1024 * 1024];

        var frame = Encode(encoder, plain);

        decoder.Decode(frame, plain, maxWindowLog: ZstdDecoder.DefaultMaxWindowLog);
    }

    [Fact]
    public void Too_short_a_destination_is_refused_and_spoils_no_later_frame()
    {
        using var encoder = new ZstdEncoder(3);
        using var decoder = new ZstdDecoder();
        var plain = TestBytes.Congruential(100_000);

        Assert.Throws<ArgumentException>(() => encoder.Encode(plain, new byte[99_000]));
        Assert.Throws<ArgumentException>(() => encoder.Encode(plain, []));
        var frame = Encode(encoder, plain);

        var decoded = new byte[plain.Length];
        decoder.Decode(frame, decoded);
        Assert.Equal(plain, decoded);
    }

    [Fact]
    public void A_prefix_in_the_memory_of_the_other_bytes_is_refused()
    {
        using var encoder = new ZstdEncoder(3);
        using var decoder = new ZstdDecoder();
        var bytes = new byte[1000];

        Assert.Throws<ArgumentException>(() => encoder.Encode(bytes.AsSpan(0, 600), new byte[1000], bytes.AsSpan(500)));
        Assert.Throws<ArgumentException>(() => decoder.Decode([1], bytes.AsSpan(0, 600), bytes.AsSpan(500)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(20)]
    public void A_level_out_of_bounds_is_refused(int level) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ZstdEncoder(level));

    [Fact]
    public void Encoding_and_decoding_allocate_nothing()
    {
        using var encoder = new ZstdEncoder(3);
        using var decoder = new ZstdDecoder();
        var plain = TestBytes.Congruential(100_000);
        var old = plain[10_000..];
        var buffer = new byte[ZstdEncoder.MaxEncodedLength(plain.Length)];

        Assert.Equal(0, Allocations.Of(Once));

        void Once()
        {
            decoder.Decode(buffer.AsSpan(0, encoder.Encode(plain, buffer)), plain);
            decoder.Decode(buffer.AsSpan(0, encoder.Encode(plain, buffer, old)), plain, old);
            encoder.TryEncode(plain, buffer.AsSpan(0, 100), out _);
        }
    }

    [FactIfInstalled("zstd")]
    public async Task The_zstd_program_reads_what_is_encoded_and_writes_what_is_decoded()
    {
        using var folder = new TemporaryFolder();
        using var encoder = new ZstdEncoder(9);
        using var decoder = new ZstdDecoder();
        var plain = TestBytes.Random(new Random(3), 300_000);
        byte[] changed = [.. plain[150_000..], .. "inserted"u8, .. plain[..150_000]];
        await File.WriteAllBytesAsync(folder["plain"], plain);
        await File.WriteAllBytesAsync(folder["changed"], changed);
        await File.WriteAllBytesAsync(folder["ours.zst"], Encode(encoder, plain));
        await File.WriteAllBytesAsync(folder["ours.patch"], Encode(encoder, changed, plain));

        await RunAsync(folder, "-d", "ours.zst", "-o", "ours");
        await RunAsync(folder, "-d", "--patch-from=plain", "ours.patch", "-o", "ours.changed");
        await RunAsync(folder, "--no-check", "-5", "plain", "-o", "theirs.zst");
        var decoded = new byte[plain.Length];
        decoder.Decode(await File.ReadAllBytesAsync(folder["theirs.zst"]), decoded);

        Assert.Equal(plain, await File.ReadAllBytesAsync(folder["ours"]));
        Assert.Equal(changed, await File.ReadAllBytesAsync(folder["ours.changed"]));
        Assert.Equal(plain, decoded);

        static async Task RunAsync(TemporaryFolder folder, params string[] arguments)
        {
            var start = new ProcessStartInfo("zstd", ["-q", .. arguments]) { WorkingDirectory = folder.Path };
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
        }
    }

    private static byte[] Encode(ZstdEncoder encoder, byte[] plain, byte[]? prefix = null)
    {
        var buffer = new byte[ZstdEncoder.MaxEncodedLength(plain.Length)];
        return buffer[..encoder.Encode(plain, buffer, prefix)];
    }
}
