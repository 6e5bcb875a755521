using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Hashing;

public class Blake3Tests
{
    public static TheoryData<int, string> OfficialVectors
    {
        get
        {
            var data = new TheoryData<int, string>();
            foreach (var (length, hash) in Blake3Vectors.Cases)
                data.Add(length, hash);
            return data;
        }
    }

    [Fact]
    public void The_official_vectors_are_all_here() => Assert.Equal(35, Blake3Vectors.Cases.Count);

    [Theory]
    [MemberData(nameof(OfficialVectors))]
    public void Hashing_an_official_input_gives_the_official_digest(int length, string hash) =>
        Assert.Equal(hash, Blake3.Hash(Blake3Vectors.Input(length)).ToString());

    [Theory]
    [MemberData(nameof(OfficialVectors))]
    public void Appending_an_official_input_gives_the_official_digest(int length, string hash)
    {
        var hasher = new Blake3Hasher();

        hasher.Append(Blake3Vectors.Input(length));

        Assert.Equal(hash, hasher.Finish().ToString());
    }

    [Fact]
    public void Changing_any_byte_of_an_input_changes_the_digest()
    {
        var input = Blake3Vectors.Input(5000);
        var digest = Blake3.Hash(input);

        for (var i = 0; i < input.Length; i++)
        {
            input[i] ^= 1;
            Assert.NotEqual(digest, Blake3.Hash(input));
            input[i] ^= 1;
        }
    }

    [Fact]
    public void Hashing_in_one_shot_allocates_nothing()
    {
        var input = Blake3Vectors.Input(3 * Blake3.RunBytes + 77);

        Assert.Equal(0, Allocations.Of(() => _ = Blake3.Hash(input)));
    }
}
