using ChunkOta.Agent;
using ChunkOta.Protos;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.State;

public sealed class RecipeBundleTests
{
    private static readonly TestRelease Release = new TestRelease("1.0.0", 1)
        .File("a", TestRelease.Random(1, 20_000)).File("b", TestRelease.Random(2, 30_000)).File("c", "one chunk");

    [Fact]
    public void A_bundle_gives_back_what_was_put_in()
    {
        var read = RecipeBundle.Read(Bundle().ToBytes());

        Assert.Equal(2, read.Count);
        foreach (var entry in Release.Manifest.Entries)
        {
            Assert.True(read.TryFind(entry, TestRelease.Cut, out var chunks));
            Assert.Equal(Release.Chunks[entry.Path], chunks);
        }
    }

    [Fact]
    public void Every_torn_bundle_gives_what_is_whole_and_never_anything_else()
    {
        var file = Bundle().ToBytes();

        for (var length = 0; length < file.Length; length += 7)
        {
            var read = RecipeBundle.Read(file[..length]);
            foreach (var entry in Release.Manifest.Entries)
            {
                if (read.TryFind(entry, TestRelease.Cut, out var chunks))
                    Assert.Equal(Release.Chunks[entry.Path], chunks);
            }
        }
    }

    [Fact]
    public void A_flipped_bit_costs_at_most_the_recipe_it_is_in()
    {
        var file = Bundle().ToBytes();
        file[^10] ^= 1;

        var read = RecipeBundle.Read(file);

        var found = Release.Manifest.Entries.Count(entry => read.TryFind(entry, TestRelease.Cut, out _));
        Assert.Equal(2, found);
    }

    [Fact]
    public void Of_another_bundle_only_wanted_recipes_are_taken()
    {
        var wanted = Release.Manifest.Entries.Where(entry => entry.Path == "a");
        var bundle = new RecipeBundle();

        bundle.AddFrom(Bundle(), wanted);

        Assert.Equal(1, bundle.Count);
    }

    private static RecipeBundle Bundle()
    {
        var bundle = new RecipeBundle();
        foreach (var path in new[] { "a", "b" })
        {
            var recipe = Recipe.Of(Release.Chunks[path]);
            bundle.Add(recipe.Digest, recipe.ToBytes());
        }
        return bundle;
    }
}
