using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Update;

/// <summary>What an interrupted run left is used as far as it hashes right, and never further.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_broken_stream_is_taken_up_where_it_broke()
    {
        var release = Release();
        _rig.Source.Publish(release, 1);
        var breaks = 3;
        _rig.Source.BeforeFrame = frame =>
        {
            if (frame == 4 && breaks-- > 0)
                throw new ChunkOtaException("SERVER_UNAVAILABLE", "the connection was lost");
        };

        await _rig.UpdateAsync();

        _rig.AssertCurrent(release);
        Assert.Equal(4, _rig.Source.FetchCalls.Count);
        AssertSentOnce();
    }

    [Fact]
    public async Task A_server_that_stays_away_is_given_up_and_the_next_run_fetches_the_rest()
    {
        var release = Release();
        _rig.Source.Publish(release, 1);
        _rig.Source.BeforeFrame = frame =>
        {
            if (_rig.Source.FetchCalls.Count > 1 || frame == 5)
                throw new ChunkOtaException("SERVER_UNAVAILABLE", "the connection was lost");
        };

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());
        Assert.Equal("SERVER_UNAVAILABLE", failure.Code);
        Assert.Null(_rig.Activation.FindCurrent());
        Assert.Equal(15, _rig.Source.ChunksSent.Count);
        _rig.Source.BeforeFrame = null;
        await _rig.UpdateAsync();

        _rig.AssertCurrent(release);
        AssertSentOnce();
    }

    [Fact]
    public async Task A_resumed_run_asks_for_no_recipe_and_no_manifest_again()
    {
        _rig.Source.Publish(Release(), 1);
        await BreakAsync(afterFrames: 5);
        _rig.Source.RecipesAsked.Clear();
        var isHeld = false;
        _rig.Source.TamperHeader = header => isHeld = header.IsHeld;

        await _rig.UpdateAsync();

        Assert.Empty(_rig.Source.RecipesAsked);
        Assert.True(isHeld);
    }

    [Fact]
    public async Task A_cancelled_run_changes_nothing_and_the_next_fetches_the_rest()
    {
        _rig.Source.Publish(Release(), 1);
        using var stop = new CancellationTokenSource();
        _rig.Source.BeforeFrame = frame =>
        {
            if (frame == 5)
                stop.Cancel();
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _rig.UpdateAsync(cancellationToken: stop.Token));
        Assert.Null(_rig.Activation.FindCurrent());
        _rig.Source.BeforeFrame = null;
        await _rig.UpdateAsync();

        _rig.AssertCurrent(Release());
        // The frame that was on its way when the run was stopped is the only one sent twice.
        Assert.InRange(_rig.Source.ChunksSent.Count, Distinct(), Distinct() + _rig.Source.ChunksPerFrame);
    }

    [Fact]
    public async Task Staged_bytes_that_were_changed_meanwhile_are_fetched_again_and_no_others()
    {
        var release = Release();
        _rig.Source.Publish(release, 1);
        await BreakAsync(afterFrames: 10);
        var staged = Directory.GetFiles(_rig.Product.Staging, "large", SearchOption.AllDirectories).Single();
        var bytes = await File.ReadAllBytesAsync(staged);
        bytes[3] ^= 1;
        await File.WriteAllBytesAsync(staged, bytes);
        var sent = _rig.Source.ChunksSent.ToList();

        await _rig.UpdateAsync();

        _rig.AssertCurrent(release);
        var again = _rig.Source.ChunksSent.Skip(sent.Count).Intersect(sent).ToList();
        Assert.Equal([release.Chunks["lib/large"][0]], again);
    }

    [Fact]
    public async Task What_was_staged_of_another_release_is_not_fetched_again()
    {
        _rig.Source.Publish(Release(), 1);
        await BreakAsync(afterFrames: 10);
        var sent = _rig.Source.ChunksSent.ToList();
        var newer = Release("1.1.0", 2).File("new", "brand new");
        _rig.Source.Publish(newer, 2);

        await _rig.UpdateAsync();

        _rig.AssertCurrent(newer);
        Assert.Empty(_rig.Source.ChunksSent.Skip(sent.Count).Intersect(sent));
        Assert.Equal(1, _rig.Installed.Prune("editor", 2, isDryRun: false).StagingTrees);
        Assert.Empty(Directory.GetFileSystemEntries(_rig.Product.Staging));
    }

    [Fact]
    public async Task Without_manifest_and_recipes_staged_files_still_serve_by_being_cut_again()
    {
        _rig.Source.Publish(Release(), 1);
        await BreakAsync(afterFrames: 10);
        foreach (var file in Directory.GetFiles(_rig.Product.Manifests))
            File.Delete(file);
        var sent = _rig.Source.ChunksSent.ToList();
        var newer = Release("1.1.0", 2).File("new", "brand new");
        _rig.Source.Publish(newer, 2);

        await _rig.UpdateAsync();

        _rig.AssertCurrent(newer);
        // The cut begins anew at the end of what was written: the last chunk of a torn file may be lost.
        Assert.InRange(_rig.Source.ChunksSent.Skip(sent.Count).Intersect(sent).Count(), 0, 2);
    }

    [Fact]
    public async Task Recipes_lost_of_an_installed_release_cost_no_chunk()
    {
        _rig.Source.Publish(Release(), 1);
        await _rig.UpdateAsync();
        foreach (var file in Directory.GetFiles(_rig.Product.Manifests, "*.recipes"))
            File.Delete(file);
        var changed = Release().Files["lib/large"].ToArray();
        changed[^1] ^= 1;
        var newer = new TestRelease("1.1.0", 2).File("lib/large", changed);
        _rig.Source.Publish(newer, 2);
        _rig.Source.ChunksSent.Clear();

        await _rig.UpdateAsync();

        _rig.AssertCurrent(newer);
        Assert.Equal([newer.Chunks["lib/large"][^1]], _rig.Source.ChunksSent);
    }

    [Fact]
    public async Task A_file_of_an_installed_release_that_rotted_is_fetched_only_where_it_did()
    {
        var release = Release();
        _rig.Source.Publish(release, 1);
        await _rig.UpdateAsync();
        var large = Path.Combine(_rig.Current, "lib/large");
        var bytes = await File.ReadAllBytesAsync(large);
        bytes[30_000] ^= 0x80;
        await File.WriteAllBytesAsync(large, bytes);
        File.Delete(Path.Combine(_rig.Current, "lib/other"));
        var newer = Release("1.1.0", 2).File("new", "brand new");
        _rig.Source.Publish(newer, 2);
        _rig.Source.ChunksSent.Clear();

        await _rig.UpdateAsync();

        _rig.AssertCurrent(newer);
        var expected = ChunkAt(release, "lib/large", 30_000);
        Assert.Equal(
            newer.Chunks["lib/other"].Concat(newer.Chunks["new"]).Append(expected).ToHashSet(),
            _rig.Source.ChunksSent.ToHashSet());
        AssertSentOnce();
    }

    [Fact]
    public async Task Every_seed_replaced_by_links_and_rubbish_only_costs_the_fetching()
    {
        var release = Release();
        _rig.Source.Publish(release, 1);
        await _rig.UpdateAsync();
        var secret = Path.Combine(_rig.Folder, "secret");
        await File.WriteAllTextAsync(secret, "outside");
        foreach (var path in new[] { "lib/large", "lib/other" })
        {
            File.Delete(Path.Combine(_rig.Current, path));
            File.CreateSymbolicLink(Path.Combine(_rig.Current, path), secret);
        }
        File.Delete(Path.Combine(_rig.Current, "readme"));
        Directory.CreateDirectory(Path.Combine(_rig.Current, "readme"));
        var newer = Release("1.1.0", 2);
        _rig.Source.Publish(newer, 2);

        await _rig.UpdateAsync();

        _rig.AssertCurrent(newer);
        Assert.Equal("outside", await File.ReadAllTextAsync(secret));
    }

    [Fact]
    public async Task A_chunk_that_is_not_what_was_signed_is_refused_and_never_written()
    {
        _rig.Source.Publish(Release(), 1);
        _rig.Source.TamperChunks = plain => plain[^1] ^= 1;

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal("CHUNK_HASH", failure.Code);
        Assert.Null(_rig.Activation.FindCurrent());
        _rig.Source.TamperChunks = null;
        await _rig.UpdateAsync();
        _rig.AssertCurrent(Release());
    }

    [Fact]
    public async Task One_chunk_that_comes_damaged_is_fetched_again()
    {
        _rig.Source.Publish(Release(), 1);
        var isDamaged = true;
        _rig.Source.TamperChunks = plain =>
        {
            plain[^1] ^= isDamaged ? (byte)1 : (byte)0;
            isDamaged = false;
        };

        await _rig.UpdateAsync();

        _rig.AssertCurrent(Release());
    }

    [Fact]
    public async Task Recipes_are_fetched_again_when_the_connection_breaks()
    {
        _rig.Source.Publish(Release(), 1);
        var breaks = 2;
        _rig.Source.BeforeRecipe = entry =>
        {
            if (_rig.Source.RecipesAsked.Count > 0 && breaks-- > 0)
                throw new ChunkOtaException("SERVER_UNAVAILABLE", "the connection was lost");
        };

        await _rig.UpdateAsync();

        _rig.AssertCurrent(Release());
    }

    [Fact]
    public async Task A_recipe_that_is_not_what_was_signed_is_refused()
    {
        _rig.Source.Publish(Release(), 1);
        _rig.Source.TamperRecipe = recipe =>
        {
            var changed = recipe.ToArray();
            changed[^1] ^= 1;
            return changed;
        };

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());
        Assert.Equal("DIGEST_MISMATCH", failure.Code);

        _rig.Source.TamperRecipe = recipe => [.. recipe, .. new byte[recipe.Length * 8]];
        Assert.Equal("TOO_LARGE", (await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync())).Code);
        _rig.Source.TamperRecipe = null;
        await _rig.UpdateAsync();
        _rig.AssertCurrent(Release());
    }

    [Fact]
    public async Task Chunks_that_do_not_make_the_signed_file_are_refused()
    {
        // Recipe and file are both signed, and do not belong together.
        var release = Release();
        release.Manifest.Entries.Single(entry => entry.Path == "lib/large").Digest =
            Google.Protobuf.ByteString.CopyFrom(Digest.Of("something else"u8).ToArray());
        _rig.Source.Publish(release, 1);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal("FILE_HASH", failure.Code);
        Assert.Null(_rig.Activation.FindCurrent());
        _rig.Source.Publish(Release("1.1.0", 2), 2);
        await _rig.UpdateAsync();
        _rig.AssertCurrent(Release("1.1.0", 2));
    }

    [Theory]
    [InlineData("Write")]
    [InlineData("Create")]
    [InlineData("MakeDirectory")]
    [InlineData("SyncFileSystem")]
    public async Task A_disk_that_fills_up_changes_nothing_and_the_next_run_succeeds(string operation)
    {
        _rig.Source.Publish(Release(), 1);
        await _rig.UpdateAsync();
        _rig.Source.Publish(Release("1.1.0", 2).File("sub/new", TestRelease.Random(9, 9000)), 2);
        ChunkOtaException failure;

        using (FaultPoint.Arm($"mode=enospc;op={operation};path={_rig.Product.Staging}"))
            failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal("DISK_FULL", failure.Code);
        _rig.AssertCurrent(Release());
        await _rig.UpdateAsync();
        Assert.Equal("1.1.0", _rig.Activation.FindCurrent());
        Assert.Empty(_rig.Installed.Verify("editor").Damage);
    }

    private static TestRelease Release(string version = "1.0.0", ulong counter = 1) => new TestRelease(version, counter)
        .File("lib/large", TestRelease.Random(1, 60_000))
        .File("lib/other", TestRelease.Random(2, 25_000))
        .File("readme", "read me")
        .Link("link", "readme");

    private static ChunkRef ChunkAt(TestRelease release, string path, int offset)
    {
        foreach (var chunk in release.Chunks[path])
        {
            offset -= chunk.Length;
            if (offset < 0)
                return chunk;
        }
        throw new ArgumentOutOfRangeException(nameof(offset));
    }

    private async Task BreakAsync(int afterFrames)
    {
        _rig.Source.BeforeFrame = frame =>
        {
            if (frame == afterFrames)
                throw new ChunkOtaException("RELEASE_UNKNOWN", "the server forgot it");
        };
        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());
        _rig.Source.BeforeFrame = null;
    }

    private int Distinct() => _rig.Source.ChunksSent.Distinct().Count();

    private void AssertSentOnce() => Assert.Equal(Distinct(), _rig.Source.ChunksSent.Count);
}
