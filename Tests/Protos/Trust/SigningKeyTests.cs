using ChunkOta.Protos;

namespace ChunkOta.Tests.Protos.Trust;

public sealed class SigningKeyTests
{
    private static readonly byte[] Message = "a message"u8.ToArray();

    [Fact]
    public void A_key_signs_what_its_public_half_verifies()
    {
        using var key = SigningKey.Generate();

        Assert.True(Ed25519.Verify(key.PublicKey.Span, Message, key.Sign(Message)));
    }

    [Theory]
    [InlineData(31, 64)]
    [InlineData(33, 64)]
    [InlineData(32, 63)]
    [InlineData(32, 65)]
    [InlineData(0, 0)]
    public void Keys_and_signatures_of_another_length_are_refused(int keyBytes, int signatureBytes) =>
        Assert.False(Ed25519.Verify(new byte[keyBytes], Message, new byte[signatureBytes]));

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(65)]
    [InlineData(128)]
    public void An_honest_signature_that_is_cut_or_continued_is_refused(int length)
    {
        using var key = SigningKey.Generate();
        var signature = key.Sign(Message);
        Array.Resize(ref signature, length);

        Assert.False(Ed25519.Verify(key.PublicKey.Span, Message, signature));
    }

    [Fact]
    public void A_seed_comes_back_and_a_disposed_key_signs_no_more()
    {
        var seed = Enumerable.Range(0, 32).Select(value => (byte)value).ToArray();
        var key = SigningKey.FromSeed(seed);

        Assert.Equal(seed, key.Seed);
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign(Message));
        Assert.Throws<ObjectDisposedException>(() => key.Seed);
    }

    [Fact]
    public void Two_generated_keys_differ()
    {
        using var one = SigningKey.Generate();
        using var two = SigningKey.Generate();

        Assert.NotEqual(one.PublicKey.ToArray(), two.PublicKey.ToArray());
    }
}
