using System.Numerics;
using System.Security.Cryptography;
using ChunkOta.Protos;

namespace ChunkOta.Tests.Protos.Documents;

public sealed class Ed25519Tests
{
    private static readonly BigInteger Order =
        BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");

    private static readonly byte[] Message = "a message"u8.ToArray();

    // RFC 8032, section 7.1.
    [Theory]
    [InlineData("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    [InlineData("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704")]
    public void The_vectors_of_RFC_8032_are_signed_and_verified(string seed, string publicKey, string message, string signature)
    {
        using var key = SigningKey.FromSeed(Convert.FromHexString(seed));
        var bytes = Convert.FromHexString(message);

        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey.Span));
        Assert.Equal(signature, Convert.ToHexStringLower(key.Sign(bytes)));
        Assert.True(Ed25519.Verify(key.PublicKey.Span, bytes, Convert.FromHexString(signature)));
    }

    [Fact]
    public void Every_flipped_bit_of_signature_key_or_message_is_refused()
    {
        using var key = SampleDocuments.KeyOf(9);
        var publicKey = key.PublicKey.ToArray();
        var signature = key.Sign(Message);
        var parts = new[] { publicKey, Message.ToArray(), signature };

        foreach (var part in parts)
            for (var bit = 0; bit < part.Length * 8; bit++)
            {
                part[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(Ed25519.Verify(parts[0], parts[1], parts[2]), $"bit {bit} of {part.Length} bytes");
                part[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        Assert.True(Ed25519.Verify(parts[0], parts[1], parts[2]));
    }

    [Fact]
    public void A_signature_whose_S_is_not_below_the_order_is_refused()
    {
        using var key = SampleDocuments.KeyOf(9);
        var signature = key.Sign(Message);
        var s = Scalar(signature.AsSpan(32));

        for (var multiple = 1; s + (multiple * Order) < BigInteger.Pow(2, 256); multiple++)
        {
            var forged = signature.ToArray();
            Bytes(s + (multiple * Order)).CopyTo(forged, 32);
            Assert.False(Ed25519.Verify(key.PublicKey.Span, Message, forged), $"S + {multiple} L");
        }
    }

    // The points of small order in every encoding, canonical or not: eight of them sign anything for anyone.
    [Theory]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000080")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000080")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public void A_key_or_R_of_small_order_is_refused(string point)
    {
        // R = s·B and S = s satisfy the equation for a neutral key whatever the message is.
        using var key = SampleDocuments.KeyOf(9);
        var small = Convert.FromHexString(point);
        var secret = SecretScalar(key);
        byte[] byNeutralKey = [.. key.PublicKey.Span, .. Bytes(secret % Order)];
        // With R neutral, S = h·a satisfies it for an honest key: the signer forges, others must not accept.
        var h = Scalar(SHA512.HashData([.. small, .. key.PublicKey.Span, .. Message])) % Order;
        byte[] withNeutralR = [.. small, .. Bytes(h * secret % Order)];

        Assert.False(Ed25519.Verify(small, Message, byNeutralKey));
        Assert.False(Ed25519.Verify(key.PublicKey.Span, Message, withNeutralR));
    }

    [Theory]
    [InlineData(31, 64)]
    [InlineData(33, 64)]
    [InlineData(32, 63)]
    [InlineData(32, 65)]
    [InlineData(0, 0)]
    public void Keys_and_signatures_of_another_length_are_refused(int keyBytes, int signatureBytes) =>
        Assert.False(Ed25519.Verify(new byte[keyBytes], Message, new byte[signatureBytes]));

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

    private static BigInteger SecretScalar(SigningKey key)
    {
        var bytes = SHA512.HashData(key.Seed)[..32];
        bytes[0] &= 0xf8;
        bytes[31] = (byte)((bytes[31] & 0x7f) | 0x40);
        return Scalar(bytes);
    }

    private static BigInteger Scalar(ReadOnlySpan<byte> littleEndian) => new(littleEndian, isUnsigned: true);

    private static byte[] Bytes(BigInteger value)
    {
        var bytes = new byte[32];
        Assert.True(value.TryWriteBytes(bytes, out _, isUnsigned: true));
        return bytes;
    }
}
