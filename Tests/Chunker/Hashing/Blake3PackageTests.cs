extern alias Blake3Package;

using ChunkOta.Chunking;
using ChunkOta.Tests.Support;
using Package = Blake3Package::Blake3.Hasher;

namespace ChunkOta.Tests.Chunker.Hashing;

/// <summary>Our digests beside those of another implementation, the Blake3 package.</summary>
public class Blake3PackageTests
{
    private const int MiB = 1 << 20;

    private static readonly byte[] Data = RandomBytes(4 * MiB + 2);

    [Fact]
    public void Every_length_up_to_two_chunks_hashes_as_the_package_hashes_it()
    {
        var random = new Random(1);
        var hasher = new Blake3Hasher();

        for (var length = 0; length <= 2100; length++)
            AgreesWithThePackage(Data.AsSpan(random.Next(MiB), length), hasher, random);
    }

    [Fact]
    public void Lengths_beside_every_boundary_hash_as_the_package_hashes_them()
    {
        var random = new Random(2);
        var hasher = new Blake3Hasher();
        IEnumerable<int> boundaries =
        [
            .. Enumerable.Range(1, 64).Select(chunks => chunks * Blake3.ChunkBytes),
            .. Enumerable.Range(1, 8).Select(runs => runs * Blake3.RunBytes),
            4 * MiB,
        ];

        foreach (var boundary in boundaries)
        {
            for (var length = boundary - 1; length <= boundary + 1; length++)
                AgreesWithThePackage(Data.AsSpan(0, length), hasher, random);
        }
    }

    [Fact]
    [Trait("Category", "Random")]
    public void Random_lengths_hash_as_the_package_hashes_them()
    {
        var random = Rounds.Random(3);
        var hasher = new Blake3Hasher();

        for (var round = 0; round < Rounds.Of(300); round++)
            AgreesWithThePackage(Data.AsSpan(0, RandomLength(random)), hasher, random);
    }

    private static void AgreesWithThePackage(ReadOnlySpan<byte> input, Blake3Hasher hasher, Random random)
    {
        var expected = Digest.FromBytes(Package.Hash(input).AsSpan());

        Assert.Equal(expected, Blake3.Hash(input));
        hasher.Reset();
        for (var at = 0; at < input.Length;)
        {
            var piece = Math.Min(RandomLength(random), input.Length - at);
            hasher.Append(input.Slice(at, piece));
            at += piece;
        }
        Assert.Equal(expected, hasher.Finish());
    }

    /// <summary>Short and long alike: every order of magnitude is as likely as another.</summary>
    private static int RandomLength(Random random) => (int)Math.Exp(random.NextDouble() * Math.Log(4 * MiB));

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(4).NextBytes(bytes);
        return bytes;
    }
}
