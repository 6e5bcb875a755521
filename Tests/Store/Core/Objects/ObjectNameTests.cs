using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Objects;

public sealed class ObjectNameTests
{
    private static readonly Digest One = Digest.Of("one"u8);

    [Fact]
    public void A_name_is_folder_first_two_digits_and_all_digits()
    {
        var hex = One.ToString();

        Assert.Equal($"packs/{hex[..2]}/{hex}", ObjectName.Pack(One).ToString());
        Assert.Equal($"manifests/{hex[..2]}/{hex}", ObjectName.Manifest(One).ToString());
        Assert.Equal($"recipes/{hex[..2]}/{hex}", ObjectName.Recipe(One).ToString());
        Assert.Equal($"deltas/{hex[..2]}/{hex}", ObjectName.Delta(One).ToString());
    }

    [Fact]
    public void Only_the_text_that_a_name_writes_is_a_name()
    {
        var hex = One.ToString();
        string?[] wrong =
        [
            null, "", "packs", $"packs/{hex}", $"other/{hex[..2]}/{hex}", $"packs/00{hex[..2]}/{hex}",
            $"packs/{hex[..3]}/{hex}",
            $"packs//{hex}", $"packs/{hex[..2]}/{hex.ToUpperInvariant()}", $"/packs/{hex[..2]}/{hex}",
            $"packs/../{hex}",
            $"packs/{hex[..2]}/{hex}0",
        ];

        Assert.True(ObjectName.TryParse(ObjectName.Pack(One).ToString(), out var name));
        Assert.Equal(ObjectName.Pack(One), name);
        Assert.All(wrong, text => Assert.False(ObjectName.TryParse(text, out _)));
    }
}
