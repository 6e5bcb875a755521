using System.IO.Compression;
using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Tests.Protos.Identity;

public sealed class TokenTests
{
    private static readonly byte[] Id = [.. Enumerable.Range(0, 12).Select(value => (byte)value)];
    private static readonly byte[] Secret = [.. Enumerable.Range(100, 32).Select(value => (byte)value)];
    private static readonly byte[] Spki = [.. Enumerable.Range(200, 32).Select(value => (byte)value)];
    private static readonly Digest Root = Digest.Of("root"u8);

    [Fact]
    public void An_install_token_survives_its_text()
    {
        var token = InstallToken.Of(Id, Secret, Root, Spki, 0x0102030405060708);

        var text = token.ToString();
        var read = InstallToken.Parse(text);

        Assert.Equal(164, text.Length);
        Assert.StartsWith("co1_", text, StringComparison.Ordinal);
        Assert.Equal(Id, read.Id.ToArray());
        Assert.Equal("000102030405060708090a0b", read.IdText);
        Assert.Equal(Secret, read.Secret.ToArray());
        Assert.Equal(Root, read.RootDigest);
        Assert.Equal(Spki, read.SpkiSha256.ToArray());
        Assert.True(read.PinsServer);
        Assert.Equal(0x0102030405060708UL, read.MinimumCounter);
        Assert.Equal(token, read);
    }

    [Fact]
    public void A_token_without_a_pin_trusts_the_system()
    {
        var token = InstallToken.Parse(InstallToken.Of(Id, Secret, Root, [], 0).ToString());

        Assert.False(token.PinsServer);
        Assert.Equal(new byte[32], token.SpkiSha256.ToArray());
    }

    [Fact]
    public void An_access_token_survives_its_text()
    {
        var token = AccessToken.Of(Id, Secret);

        var text = token.ToString();

        Assert.Equal(68, text.Length);
        Assert.StartsWith("coa_", text, StringComparison.Ordinal);
        Assert.Equal(token, AccessToken.Parse(text));
        Assert.Equal(Secret, AccessToken.Parse(text).Secret.ToArray());
    }

    [Fact]
    public void Generated_tokens_differ()
    {
        Assert.NotEqual(AccessToken.Generate(), AccessToken.Generate());
        Assert.NotEqual(InstallToken.Generate(Root, Spki, 1), InstallToken.Generate(Root, Spki, 1));
    }

    // One mistyped character, anywhere, is never another token: the checksum or the prefix tells.
    [Fact]
    public void Every_other_character_at_every_place_is_refused()
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_ =+/.\n";
        foreach (var text in new[] { InstallToken.Of(Id, Secret, Root, Spki, 7).ToString(),
            AccessToken.Of(Id, Secret).ToString() })
            for (var at = 0; at < text.Length; at++)
                foreach (var character in Alphabet.Where(character => character != text[at]))
                {
                    var mistyped = text[..at] + character + text[(at + 1)..];
                    Assert.False(
                        InstallToken.TryParse(mistyped, out _) || AccessToken.TryParse(mistyped, out _), mistyped);
                }
    }

    [Fact]
    public void Shortened_lengthened_or_padded_text_is_refused()
    {
        var text = AccessToken.Of(Id, Secret).ToString();
        string?[] wrong =
        [
            null, "", "coa_", text[..^1], text[..^4], text + "A", text + "AAAA", text + "=", " " + text, text + "\n",
            text.ToUpperInvariant(), "co1_" + text[4..], text[4..],
        ];

        Assert.All(wrong, other => Assert.False(AccessToken.TryParse(other, out _)));
        Assert.Equal("TOKEN_INVALID", Assert.Throws<ChunkOtaException>(() => AccessToken.Parse(text[..^1])).Code);
        Assert.Equal("TOKEN_INVALID", Assert.Throws<ChunkOtaException>(() => InstallToken.Parse(text)).Code);
    }

    [Fact]
    public void A_message_about_a_wrong_token_does_not_repeat_it()
    {
        var text = AccessToken.Of(Id, Secret).ToString()[..^1];

        var failure = Assert.Throws<ChunkOtaException>(() => AccessToken.Parse(text));

        Assert.DoesNotContain(text[8..40], failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_of_another_length_make_no_token()
    {
        Assert.Throws<ArgumentException>(() => AccessToken.Of(Id.AsSpan(1), Secret));
        Assert.Throws<ArgumentException>(() => AccessToken.Of(Id, Secret.AsSpan(1)));
        Assert.Throws<ArgumentException>(() => InstallToken.Of(Id, Secret, Root, Spki.AsSpan(1), 0));
    }

    // A zlib container of stored bytes carries no CRC-32, a gzip one does: the platform's own, at 8 bytes from the end.
    [Theory]
    [InlineData("")]
    [InlineData("123456789")]
    [InlineData("The quick brown fox jumps over the lazy dog")]
    public void The_checksum_is_the_CRC_32_of_gzip(string text)
    {
        var bytes = System.Text.Encoding.ASCII.GetBytes(text);
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
            gzip.Flush();
        }

        var expected = packed.Length < 8 ? 0 : BitConverter.ToUInt32(packed.ToArray(), (int)packed.Length - 8);
        Assert.Equal(expected, Crc32.Of(bytes));
    }

    [Fact]
    public void The_checksum_of_the_digits_is_the_well_known_one() =>
        Assert.Equal(0xCBF43926, Crc32.Of("123456789"u8));
}
