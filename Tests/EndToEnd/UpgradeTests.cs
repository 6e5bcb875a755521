using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>The main job, through real processes.</summary>
public sealed class UpgradeTests
{
    [Fact]
    public async Task A_release_is_published_installed_upgraded_and_reverted()
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        var installed = (await rig.InstallAsync()).Succeeded();
        Assert.EndsWith("installed app 1.0.0\n", installed.Out, StringComparison.Ordinal);
        SampleTree.AssertSame(first, rig.Current);

        var second = await rig.PublishSampleAsync(1, "1.1.0");
        var upgraded = (await rig.AgentAsync("upgrade", "app")).Succeeded();
        Assert.EndsWith("installed app 1.1.0\n", upgraded.Out, StringComparison.Ordinal);
        SampleTree.AssertSame(second, rig.Current);

        (await rig.AgentAsync("revert", "app")).Succeeded();
        SampleTree.AssertSame(first, rig.Current);
        (await rig.AgentAsync("verify", "app")).Succeeded();
    }

    [Fact]
    public async Task An_upgrade_moves_the_changed_chunks_and_little_else()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        await rig.PublishSampleAsync(1, "1.1.0");

        var passed = rig.Proxy.Passed;
        var upgrade = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;

        // Three files have one change of 3,000 bytes each: at most two chunks of each can differ.
        Assert.InRange(upgrade.GetProperty("fetched_chunk_bytes").GetInt64(), 9_000, 3 * 2 * 256 * 1024);
        var wire = upgrade.GetProperty("wire_bytes_up").GetInt64() + upgrade.GetProperty("wire_bytes_down").GetInt64();
        Assert.Equal(rig.Proxy.Passed - passed, wire);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_move_and_changes_nothing()
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        await rig.PublishSampleAsync(1, "1.1.0");

        var plan = (await rig.AgentAsync("upgrade", "app", "--dry-run", "--json")).Succeeded().Json;
        SampleTree.AssertSame(first, rig.Current);
        var upgrade = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;

        Assert.Equal("planned", plan.GetProperty("state").GetString());
        Assert.Equal(
            upgrade.GetProperty("fetched_chunk_bytes").GetInt64(), plan.GetProperty("fetched_chunk_bytes").GetInt64());
        Assert.Equal(upgrade.GetProperty("files").GetInt64(), plan.GetProperty("files").GetInt64());
    }

    [Fact]
    public async Task A_current_release_is_left_alone()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();

        var again = (await rig.AgentAsync("upgrade", "app")).Succeeded();

        Assert.EndsWith("app 1.0.0 is current\n", again.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revert_holds_and_neither_it_nor_the_upgrade_after_it_fetches_a_chunk()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        (await rig.AgentAsync("revert", "app")).Succeeded();
        var held = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;
        Assert.Equal("rejected", held.GetProperty("state").GetString());
        (await rig.AgentAsync("unhold", "app")).Succeeded();

        var again = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;

        Assert.Equal("installed", again.GetProperty("state").GetString());
        Assert.Equal(0, again.GetProperty("fetched_chunk_bytes").GetInt64());
        SampleTree.AssertSame(second, rig.Current);
    }

    [Fact]
    public async Task Publishing_an_unchanged_tree_stores_no_chunk()
    {
        await using var rig = await Rig.StartAsync();
        var tree = await rig.PublishSampleAsync(0, "1.0.0");

        var again = (await rig.PublishAsync(tree, "1.0.1")).Succeeded().Json;

        Assert.Equal(0, again.GetProperty("new_chunks").GetInt64());
        Assert.Equal(0, again.GetProperty("new_stored_bytes").GetInt64());
    }

    [Fact]
    public async Task Stats_tell_logical_from_stored_bytes()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        await rig.PublishSampleAsync(1, "1.1.0");

        var stats = (await rig.AdminAsync("stats", "app", "--json")).Succeeded().Json;

        var product = stats.GetProperty("products")[0];
        Assert.Equal(2, product.GetProperty("releases").GetInt64());
        Assert.True(product.GetProperty("logical_bytes").GetInt64() > 9_000_000);
        Assert.InRange(product.GetProperty("distinct_plain_bytes").GetInt64(), 4_500_000, 4_500_000 + 6 * 256 * 1024);
    }
}
