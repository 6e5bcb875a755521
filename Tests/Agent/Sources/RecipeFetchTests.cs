using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Sources;

/// <summary>The recipe of a large file is large itself: what has come of it is not fetched again.</summary>
public sealed class RecipeFetchTests : IDisposable
{
    private const int PieceBytes = 16 * 1024;

    /// <summary>The most that is held in memory before it is written, and the piece that is on its way.</summary>
    private const int MostLostBytes = (32 * 1024) + (2 * PieceBytes);

    private readonly AgentRig _rig = new();
    private readonly TestRelease _release =
        new TestRelease("1.0.0", 1).File("large", TestRelease.Random(1, 6_000_000)).File("small", "text");

    private readonly int _recipeBytes;

    public RecipeFetchTests()
    {
        _rig.Source.Publish(_release, 1);
        _rig.Source.RecipePieceBytes = PieceBytes;
        _recipeBytes = _release.Chunks["large"].Count * 36;
        Assert.InRange(_recipeBytes, 10 * PieceBytes, 20 * PieceBytes);
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_link_that_breaks_within_every_recipe_gets_there_and_no_byte_comes_twice()
    {
        var pieces = 0;
        _rig.Source.BeforeRecipePiece = _ =>
        {
            if (pieces++ % 3 == 2)
                throw Lost();
        };

        await _rig.UpdateAsync();

        _rig.AssertCurrent(_release);
        Assert.Equal(_recipeBytes, _rig.Source.RecipeBytesSent);
        Assert.InRange(_rig.Source.RecipesAsked.Count, 5, 10);
    }

    [Fact]
    public async Task A_run_that_follows_a_kill_fetches_the_rest_of_the_recipe()
    {
        await StopAtAsync(8 * PieceBytes);
        Assert.Equal(8 * PieceBytes, _rig.Source.RecipeBytesSent);
        var isHeld = false;
        _rig.Source.TamperHeader = header => isHeld = header.IsHeld;

        await _rig.UpdateAsync();

        _rig.AssertCurrent(_release);
        Assert.True(isHeld, "the manifest is not sent again either");
        Assert.InRange(_rig.Source.RecipeBytesSent, _recipeBytes, _recipeBytes + MostLostBytes);
        Assert.Empty(Directory.GetFiles(_rig.Product.Manifests, "*.spool"));
    }

    [Fact]
    public async Task Whole_recipes_that_came_before_a_kill_are_not_asked_for_again()
    {
        var second = new TestRelease("1.1.0", 2).File("a", TestRelease.Random(2, 3_000_000))
            .File("b", TestRelease.Random(3, 3_000_000)).File("c", TestRelease.Random(4, 3_000_000));
        _rig.Source.Publish(second, 2);
        _rig.Source.BeforeRecipe = entry =>
        {
            if (entry == 2)
                throw new ChunkOtaException("INTERRUPTED", "stopped");
        };
        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());
        _rig.Source.BeforeRecipe = null;
        _rig.Source.RecipesAsked.Clear();

        await _rig.UpdateAsync();

        _rig.AssertCurrent(second);
        Assert.DoesNotContain(0, _rig.Source.RecipesAsked);
        Assert.Contains(2, _rig.Source.RecipesAsked);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(-1)]
    public async Task What_a_power_cut_left_wrong_is_fetched_from_its_start(int offset)
    {
        await StopAtAsync(8 * PieceBytes);
        var spool = Directory.GetFiles(_rig.Product.Manifests, "*.spool").Single();
        var bytes = await File.ReadAllBytesAsync(spool);
        bytes[offset < 0 ? bytes.Length + offset : offset] ^= 1;
        await File.WriteAllBytesAsync(spool, bytes);

        await _rig.UpdateAsync();

        _rig.AssertCurrent(_release);
    }

    [Fact]
    public async Task More_than_the_recipe_has_is_dropped()
    {
        await StopAtAsync(8 * PieceBytes);
        var spool = Directory.GetFiles(_rig.Product.Manifests, "*.spool").Single();
        var bytes = await File.ReadAllBytesAsync(spool);
        await File.WriteAllBytesAsync(spool, [.. bytes, .. bytes, .. bytes]);

        await _rig.UpdateAsync();

        _rig.AssertCurrent(_release);
    }

    [Fact]
    public async Task A_server_that_knows_no_offsets_sends_the_recipe_from_its_start()
    {
        await StopAtAsync(8 * PieceBytes);
        _rig.Source.KnowsRecipeOffsets = false;

        await _rig.UpdateAsync();

        _rig.AssertCurrent(_release);
        Assert.Equal((8 * PieceBytes) + _recipeBytes, _rig.Source.RecipeBytesSent);
    }

    [Fact]
    public async Task A_recipe_that_is_wrong_however_it_comes_is_refused()
    {
        await StopAtAsync(8 * PieceBytes);
        _rig.Source.TamperRecipe = recipe =>
        {
            recipe[^1] ^= 1;
            return recipe;
        };
        var pieces = 0;
        _rig.Source.BeforeRecipePiece = _ =>
        {
            if (pieces++ % 3 == 2)
                throw Lost();
        };

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal("DIGEST_MISMATCH", failure.Code);
        Assert.Null(_rig.Activation.FindCurrent());
    }

    [Fact]
    public async Task A_dry_run_keeps_nothing()
    {
        await _rig.UpdateAsync(isDryRun: true);

        Assert.Empty(Directory.GetFiles(_rig.Product.Manifests));
    }

    /// <summary>Ends a run when it asks for a byte of the recipe; what it had in memory is lost, as in a
    /// kill.</summary>
    private async Task StopAtAsync(int offset)
    {
        _rig.Source.BeforeRecipePiece = at =>
        {
            if (at == offset)
                throw new ChunkOtaException("INTERRUPTED", "stopped");
        };
        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());
        Assert.Null(_rig.Activation.FindCurrent());
        _rig.Source.BeforeRecipePiece = null;
    }

    private static ChunkOtaException Lost() => new("SERVER_UNAVAILABLE", "the connection was lost");
}
