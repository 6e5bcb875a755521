using System.Numerics;
using System.Security.Cryptography;
using ChunkOta.Protos;

namespace ChunkOta.Tests.Protos.Trust;

/// <summary>What every library that signs and verifies for us must answer, hostile input above all.</summary>
/// <remarks>
/// The hostile cases follow the published findings of Project Wycheproof's Ed25519 corpus (malleable, truncated and
/// padded signatures, special values of R and S) and of "Taming the many EdDSAs" (small and mixed order, encodings
/// that are not canonical); they are built here from the curve's arithmetic.
/// </remarks>
public abstract class Ed25519Contract
{
    private static readonly byte[] Message = "a message"u8.ToArray();

    private static readonly byte[] Seed = SHA256.HashData("a seed of the contract"u8);

    private static BigInteger Order => EdwardsPoint.Order;

    private byte[] PublicKey => field ??= PublicKeyOf(Seed);

    /// <summary>The library under test.</summary>
    private protected abstract IEd25519 Library { get; }

    // RFC 8032, section 7.1.
    [Theory]
    [InlineData("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595b"
        + "be24655141438e7a100b")]
    [InlineData("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430"
        + "2aeeb00d291612bb0c00")]
    [InlineData("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716e"
        + "d28dc027beceea1ec40a")]
    [InlineData("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643c"
        + "e80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138a"
        + "c17ad9bef1177331a704")]
    public void The_vectors_of_RFC_8032_are_signed_and_verified(
        string seed, string publicKey, string message, string signature)
    {
        var bytes = Convert.FromHexString(message);

        Assert.Equal(publicKey, Convert.ToHexStringLower(PublicKeyOf(Convert.FromHexString(seed))));
        Assert.Equal(signature, Convert.ToHexStringLower(Sign(Convert.FromHexString(seed), bytes)));
        Assert.True(Library.Verify(Convert.FromHexString(publicKey), bytes, Convert.FromHexString(signature)));
    }

    [Fact]
    public void Every_flipped_bit_of_signature_key_or_message_is_refused()
    {
        var parts = new[] { PublicKey.ToArray(), Message.ToArray(), Sign(Seed, Message) };

        foreach (var part in parts)
            for (var bit = 0; bit < part.Length * 8; bit++)
            {
                part[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(Library.Verify(parts[0], parts[1], parts[2]), $"bit {bit} of {part.Length} bytes");
                part[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        Assert.True(Library.Verify(parts[0], parts[1], parts[2]));
    }

    [Fact]
    public void A_message_that_is_cut_or_continued_is_refused()
    {
        var signature = Sign(Seed, Message);

        Assert.False(Library.Verify(PublicKey, Message.AsSpan(1), signature));
        Assert.False(Library.Verify(PublicKey, Message.AsSpan(..^1), signature));
        Assert.False(Library.Verify(PublicKey, [.. Message, 0], signature));
        Assert.False(Library.Verify(PublicKey, [], signature));
    }

    [Fact]
    public void A_signature_whose_S_is_not_below_the_order_is_refused()
    {
        var signature = Sign(Seed, Message);
        var s = Scalar(signature.AsSpan(32));

        for (var multiple = 1; s + (multiple * Order) < BigInteger.Pow(2, 256); multiple++)
        {
            var forged = signature.ToArray();
            EdwardsPoint.Bytes(s + (multiple * Order)).CopyTo(forged, 32);
            Assert.False(Library.Verify(PublicKey, Message, forged), $"S + {multiple} L");
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
        var small = Convert.FromHexString(point);
        byte[] byNeutralKey = [.. PublicKey, .. EdwardsPoint.Bytes(Secret % Order)];
        // With R neutral, S = h·a satisfies it for an honest key: the signer forges, others must not accept.
        var h = Challenge(small, PublicKey, Message);
        byte[] withNeutralR = [.. small, .. EdwardsPoint.Bytes(h * Secret % Order)];

        Assert.False(Library.Verify(small, Message, byNeutralKey));
        Assert.False(Library.Verify(PublicKey, Message, withNeutralR));
    }

    [Fact]
    public void Special_values_of_R_and_S_are_refused_in_every_combination()
    {
        BigInteger top = BigInteger.Pow(2, 255);
        BigInteger[] points =
        [
            0, 1, 2, EdwardsPoint.Prime - 1, EdwardsPoint.Prime, EdwardsPoint.Prime + 1, top - 1,
            top, top + 1, top + EdwardsPoint.Prime - 1, top + EdwardsPoint.Prime, (top * 2) - 1,
        ];
        BigInteger[] scalars =
        [
            0, 1, 2, Order - 1, Order, Order + 1, BigInteger.Pow(2, 252), BigInteger.Pow(2, 253), top - 1, top,
            EdwardsPoint.Prime, (top * 2) - 1,
        ];

        foreach (var r in points)
            foreach (var s in scalars)
            {
                byte[] forged = [.. EdwardsPoint.Bytes(r), .. EdwardsPoint.Bytes(s)];
                Assert.False(Library.Verify(PublicKey, Message, forged), $"R {r}, S {s}");
            }
    }

    [Fact]
    public void An_honest_R_in_an_encoding_that_is_not_canonical_is_refused()
    {
        // The sign bit of x = 0, and y that is not reduced: only small y have a second encoding, so R is small, too.
        for (var y = 0; y < 19; y++)
            foreach (var sign in new BigInteger[] { 0, BigInteger.Pow(2, 255) })
            {
                var r = EdwardsPoint.Bytes(EdwardsPoint.Prime + y + sign);
                var s = Challenge(r, PublicKey, Message) * Secret % Order;
                Assert.False(Library.Verify(PublicKey, Message, [.. r, .. EdwardsPoint.Bytes(s)]));
                Assert.False(Library.Verify(r, Message, Sign(Seed, Message)));
            }
    }

    /// <summary>
    /// A key of mixed order A + T verifies, without a factor of 8, exactly where the challenge takes T away: a library
    /// that multiplies by the cofactor would accept them all, and two libraries would disagree about one signature.
    /// </summary>
    [Fact]
    public void A_key_of_mixed_order_verifies_only_where_the_torsion_vanishes()
    {
        var mixed = (EdwardsPoint.Decode(PublicKey) + EdwardsPoint.Torsion).Encode();
        var accepted = 0;
        for (var i = 1; i <= 32; i++)
        {
            byte[] message = [.. Message, (byte)i];
            var r = (i * EdwardsPoint.Base).Encode();
            var h = Challenge(r, mixed, message);
            byte[] signature = [.. r, .. EdwardsPoint.Bytes((i + (h * Secret)) % Order)];

            Assert.Equal(h % 8 == 0, Library.Verify(mixed, message, signature));
            accepted += h % 8 == 0 ? 1 : 0;
        }

        Assert.InRange(accepted, 1, 31);
    }

    [Fact]
    public void An_R_of_mixed_order_is_refused()
    {
        for (var i = 1; i <= 8; i++)
        {
            var r = ((i * EdwardsPoint.Base) + EdwardsPoint.Torsion).Encode();
            var s = (i + (Challenge(r, PublicKey, Message) * Secret)) % Order;
            Assert.False(Library.Verify(PublicKey, Message, [.. r, .. EdwardsPoint.Bytes(s)]));
        }
    }

    [Fact]
    public void A_key_that_is_not_on_the_curve_verifies_nothing()
    {
        var signature = Sign(Seed, Message);

        Assert.False(Library.Verify(EdwardsPoint.Bytes(2), Message, signature));
        Assert.False(Library.Verify(EdwardsPoint.Bytes(7), Message, signature));
    }

    private byte[] PublicKeyOf(byte[] seed)
    {
        var publicKey = new byte[Ed25519.PublicKeyBytes];
        Library.DerivePublicKey(seed, publicKey);
        return publicKey;
    }

    private byte[] Sign(byte[] seed, byte[] message)
    {
        var signature = new byte[Ed25519.SignatureBytes];
        Library.Sign(seed, PublicKeyOf(seed), message, signature);
        return signature;
    }

    private static BigInteger Secret
    {
        get
        {
            var bytes = SHA512.HashData(Seed)[..32];
            bytes[0] &= 0xf8;
            bytes[31] = (byte)((bytes[31] & 0x7f) | 0x40);
            return Scalar(bytes);
        }
    }

    private static BigInteger Challenge(byte[] r, byte[] publicKey, byte[] message) =>
        Scalar(SHA512.HashData([.. r, .. publicKey, .. message])) % Order;

    private static BigInteger Scalar(ReadOnlySpan<byte> littleEndian) => new(littleEndian, isUnsigned: true);
}
