using System.Numerics;

namespace ChunkOta.Tests.Protos.Trust;

/// <summary>
/// A point of edwards25519 (RFC 8032, 5.1) in affine coordinates: slow, plain, for building hostile signatures.
/// </summary>
internal readonly record struct EdwardsPoint(BigInteger X, BigInteger Y)
{
    /// <summary>The order L of the base point.</summary>
    public static readonly BigInteger Order =
        BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");

    /// <summary>The field's prime, 2²⁵⁵ − 19.</summary>
    public static readonly BigInteger Prime = BigInteger.Pow(2, 255) - 19;

    private static readonly BigInteger D = Mod(-121665 * Inverse(121666));

    /// <summary>The base point B.</summary>
    public static EdwardsPoint Base { get; } =
        Decode(Convert.FromHexString("5866666666666666666666666666666666666666666666666666666666666666"));

    /// <summary>A point of order 8: added to an honest one it gives one of mixed order.</summary>
    public static EdwardsPoint Torsion { get; } =
        Decode(Convert.FromHexString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"));

    public static EdwardsPoint operator +(EdwardsPoint one, EdwardsPoint other)
    {
        var product = D * one.X * other.X * one.Y * other.Y;
        return new(
            Mod((one.X * other.Y + other.X * one.Y) * Inverse(1 + product)),
            Mod((one.Y * other.Y + one.X * other.X) * Inverse(1 - product)));
    }

    public static EdwardsPoint operator *(BigInteger scalar, EdwardsPoint point)
    {
        var sum = new EdwardsPoint(0, 1);
        for (; !scalar.IsZero; scalar >>= 1)
        {
            if (!scalar.IsEven) sum += point;
            point += point;
        }

        return sum;
    }

    /// <summary>The canonical encoding, 32 bytes.</summary>
    public byte[] Encode()
    {
        var bytes = Bytes(Y);
        if (!X.IsEven) bytes[31] |= 0x80;
        return bytes;
    }

    /// <summary>The point of an encoding that is known to be one.</summary>
    public static EdwardsPoint Decode(ReadOnlySpan<byte> encoded)
    {
        var y = new BigInteger(encoded, isUnsigned: true);
        var isOdd = encoded[31] >= 0x80;
        if (isOdd) y -= BigInteger.Pow(2, 255);
        var square = Mod((y * y - 1) * Inverse(D * y * y + 1));
        var x = BigInteger.ModPow(square, (Prime + 3) / 8, Prime);
        if (Mod(x * x) != square) x = Mod(x * BigInteger.ModPow(2, (Prime - 1) / 4, Prime));
        Assert.Equal(square, Mod(x * x));
        return new(x.IsEven == isOdd ? Mod(-x) : x, y);
    }

    /// <summary>A number below 2²⁵⁶ as 32 bytes, little-endian.</summary>
    public static byte[] Bytes(BigInteger value)
    {
        var bytes = new byte[32];
        Assert.True(value.TryWriteBytes(bytes, out _, isUnsigned: true));
        return bytes;
    }

    private static BigInteger Mod(BigInteger value) => ((value % Prime) + Prime) % Prime;

    private static BigInteger Inverse(BigInteger value) => BigInteger.ModPow(Mod(value), Prime - 2, Prime);
}
