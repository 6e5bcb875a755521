using System.Text;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Protos.Paths;

public sealed class ReleasePathTests
{
    [Fact]
    [Trait("Category", "Random")]
    public void Paths_are_ordered_as_their_UTF_8_bytes_are()
    {
        var random = Rounds.Random(3);
        string[] parts = ["a", "b", "/", "-", ".", "0", "é", "ｚ", "\ue000", "\ufffc", "😀", "𐀀", "z"];
        for (var round = 0; round < Rounds.Of(20_000); round++)
        {
            var (left, right) = (Any(), Any());
            var bytes = Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right));
            Assert.Equal(Math.Sign(bytes), Math.Sign(ReleasePath.Compare(left, right)));
        }

        string Any() =>
            string.Concat(Enumerable.Range(0, random.Next(0, 6)).Select(_ => parts[random.Next(parts.Length)]));
    }

    [Fact]
    public void The_name_of_a_path_is_its_last_component()
    {
        var path = ReleasePath.Parse("a/b c/d.txt");

        Assert.Equal("d.txt", path.Name);
        Assert.Equal("x", ReleasePath.Parse("x").Name);
    }

    [Fact]
    public void A_path_that_breaks_a_rule_is_none()
    {
        Assert.False(ReleasePath.TryParse("../x", out _));
        Assert.False(ReleasePath.TryParse(null, out _));
        Assert.True(ReleasePath.TryParse("x", out var path));
        Assert.Equal("x", path.ToString());
    }

    // Whatever text comes: an accepted path stays inside the folder it is put in.
    [Fact]
    [Trait("Category", "Random")]
    public void No_accepted_path_leads_outside()
    {
        var random = Rounds.Random(99);
        string[] parts = ["a", "..", ".", "/", "//", "\\", "C:", " ", "~", "b", "é", "\0", "\u202e", "-", "%2e%2e"];
        var accepted = 0;
        for (var round = 0; round < Rounds.Of(100_000); round++)
        {
            var text = string.Concat(
                Enumerable.Range(0, random.Next(1, 8)).Select(_ => parts[random.Next(parts.Length)]));
            if (!ReleasePath.TryParse(text, out _))
                continue;
            accepted++;
            var full = Path.GetFullPath(text, "/releases/current");
            Assert.Equal("/releases/current/" + text, full);
        }

        Assert.True(accepted > 5_000, $"{accepted} accepted");
    }
}
