using ChunkOta.Chunking;

namespace ChunkOta.Tests.Chunker.Hashing;

public class DigestTests
{
    private const string EmptyText = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

    [Fact]
    public void Text_is_64_lower_case_hex_digits_of_the_bytes_in_order()
    {
        var digest = Digest.FromBytes([.. Enumerable.Range(0xA0, 32).Select(i => (byte)i)]);

        Assert.Equal("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf", digest.ToString());
        Assert.Equal(digest.ToString(), $"{digest}");
        Assert.Equal(digest.ToString(), $"{digest:x}");
    }

    [Fact]
    public void Reading_back_bytes_or_text_gives_the_same_digest()
    {
        var random = new Random(7);
        for (var i = 0; i < 200; i++)
        {
            var digest = RandomDigest(random);

            Assert.Equal(digest, Digest.FromBytes(digest.ToArray()));
            Assert.Equal(digest, Digest.Parse(digest.ToString()));
            Assert.Equal(digest, Digest.Parse(digest.ToString(), null));
            Assert.Equal(digest.GetHashCode(), Digest.Parse(digest.ToString()).GetHashCode());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f326")]
    [InlineData("af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f32622")]
    [InlineData("AF1349B9F5F9A1A6A0404DEA36DCC9499BCB25C9ADC112B7CC9A93CAE41F3262")]
    [InlineData("af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f326g")]
    [InlineData(" f1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262")]
    public void Any_other_text_is_refused(string text)
    {
        Assert.False(Digest.TryParse(text, out var digest));
        Assert.True(digest.IsZero);
        Assert.Throws<FormatException>(() => Digest.Parse(text));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Any_other_number_of_bytes_is_refused(int length)
    {
        Assert.False(Digest.TryFromBytes(new byte[length], out _));
        Assert.Throws<ArgumentException>(() => Digest.FromBytes(new byte[length]));
    }

    [Fact]
    public void Order_and_equality_are_those_of_the_bytes()
    {
        var random = new Random(11);
        for (var i = 0; i < 2000; i++)
        {
            // Two that agree up to a random byte, so that each word decides in turn.
            var left = RandomDigest(random).ToArray();
            var right = (byte[])left.Clone();
            right[random.Next(Digest.Size)] = (byte)random.Next(256);
            Digest a = Digest.FromBytes(left), b = Digest.FromBytes(right);
            var order = left.AsSpan().SequenceCompareTo(right);

            Assert.Equal(Math.Sign(order), Math.Sign(a.CompareTo(b)));
            Assert.Equal(Math.Sign(order), Math.Sign(string.CompareOrdinal(a.ToString(), b.ToString())));
            Assert.Equal(order < 0, a < b);
            Assert.Equal(order <= 0, a <= b);
            Assert.Equal(order > 0, a > b);
            Assert.Equal(order >= 0, a >= b);
            Assert.Equal(order == 0, a == b);
            Assert.Equal(order != 0, a != b);
            Assert.Equal(order == 0, a.Equals((object)b));
        }
    }

    [Fact]
    public void Only_the_default_is_zero()
    {
        var bytes = new byte[Digest.Size];
        Assert.True(default(Digest).IsZero);
        Assert.True(Digest.FromBytes(bytes).IsZero);

        for (var i = 0; i < Digest.Size; i++)
        {
            bytes[i] = 1;
            Assert.False(Digest.FromBytes(bytes).IsZero);
            bytes[i] = 0;
        }
    }

    [Fact]
    public void Writing_needs_room_for_the_whole()
    {
        var digest = Digest.Parse(EmptyText);

        Assert.Throws<ArgumentException>(() => digest.CopyTo(new byte[31]));
        Assert.False(digest.TryFormat(new char[63], out var written, "", null));
        Assert.Equal(0, written);
        var room = new char[70];
        Assert.True(digest.TryFormat(room, out written, "x", null));
        Assert.Equal(EmptyText, new string(room, 0, written));
    }

    [Fact]
    public void An_unknown_format_is_refused()
    {
        var digest = Digest.Parse(EmptyText);

        Assert.Throws<FormatException>(() => digest.ToString("X", null));
        Assert.Throws<FormatException>(() => digest.TryFormat(new char[64], out _, "N", null));
    }

    [Fact]
    public void A_digest_is_the_hash_of_its_content() => Assert.Equal(EmptyText, Digest.Of([]).ToString());

    private static Digest RandomDigest(Random random)
    {
        var bytes = new byte[Digest.Size];
        random.NextBytes(bytes);
        return Digest.FromBytes(bytes);
    }
}
