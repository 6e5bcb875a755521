using ChunkOta.Protos;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Staging;

/// <summary>An upgrade by delta whose manifest comes without the digests of what the delta makes.</summary>
public sealed class OutlineUpgradeTests : IDisposable
{
    private static readonly byte[] Program = TestRelease.Random(1, 80_000);
    private static readonly byte[] Library = TestRelease.Random(2, 60_000);
    private static readonly byte[] Added = TestRelease.Random(3, 25_000);

    private readonly AgentRig _rig = new();
    private readonly TestDeltas _deltas = new();

    public OutlineUpgradeTests()
    {
        _rig.Source.Deltas = _deltas;
        _rig.Source.SendsOutlines = true;
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task The_digests_are_found_by_making_the_files()
    {
        await InstalledAsync();

        var result = await _rig.UpdateAsync();

        AssertUpgraded();
        Assert.Single(_rig.Source.Checks);
        Assert.Single(_deltas.Calls);
        AssertFetched(chunks: 0, recipes: 0);
        Assert.Equal((3, null), (result.DeltaFiles, result.DeltaFailure));
    }

    [Fact]
    public async Task The_recipes_of_the_files_made_are_known_to_the_next_upgrade()
    {
        await InstalledAsync();
        await _rig.UpdateAsync();
        _rig.Source.Deltas = null;
        _rig.Source.ChunksSent.Clear();
        var third = Release("1.2.0", 3, Changed(Changed(Program, 20_000), 70_000), Changed(Library, 30_000)).File("added", Added);
        _rig.Source.Publish(third, 3);

        await _rig.UpdateAsync();

        _rig.AssertCurrent(third);
        var held = Second().Chunks.Values.SelectMany(chunks => chunks).ToHashSet();
        Assert.Equal(third.Chunks["bin/program"].Where(chunk => !held.Contains(chunk)), _rig.Source.ChunksSent);
    }

    [Fact]
    public async Task With_a_damaged_base_the_whole_manifest_is_asked_for_and_one_file_comes_as_chunks()
    {
        await InstalledAsync();
        var path = Path.Combine(_rig.Current, "lib/library");
        await File.WriteAllBytesAsync(path, Changed(Library, 100));

        await _rig.UpdateAsync();

        AssertUpgraded();
        Assert.Equal([true, false], _rig.Source.Checks.Select(check => check.TakesOutline));
        Assert.All(_rig.Source.FetchCalls, call => Assert.All(
            call.Wants, run => Assert.Equal("lib/library", Second().Manifest.Entries[(int)run.Entry].Path)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_outline_that_was_changed_on_its_way_installs_nothing_of_itself(int what)
    {
        await InstalledAsync();
        _rig.Source.TamperOutline = outline => Replaced(
            outline, what == 0 ? "readme"u8 : "bin/program"u8, what == 0 ? "README"u8 : "bin/Program"u8);

        var failure = await Record.ExceptionAsync(() => _rig.UpdateAsync());

        if (failure is null)
            AssertUpgraded();
        else
            Assert.IsAssignableFrom<ChunkOtaException>(failure);
        _rig.Source.TamperOutline = null;
        await _rig.UpdateAsync();
        AssertUpgraded();
    }

    [Fact]
    public async Task A_file_that_is_said_to_be_like_another_that_is_not_made_is_refused()
    {
        await InstalledAsync();
        _rig.Source.TamperOutline = outline =>
        {
            // The copy bears 28 zeros and the number of the first, plus one.
            var at = outline.AsSpan().IndexOf((byte[])[.. new byte[28], 0, 0, 0, 1]);
            outline[at + 31] = 200;
            return outline;
        };

        await _rig.RefusedAsync("MANIFEST_INVALID");
        _rig.Source.TamperOutline = null;
        await _rig.UpdateAsync();
        AssertUpgraded();
    }

    [Fact]
    public async Task An_outline_is_not_believed_where_no_release_key_signed_the_manifest()
    {
        await InstalledAsync();
        using var thief = SigningKey.Generate();
        var second = Second();
        _rig.Source.Add(second, SignedDocument.Sign(
            PayloadTypes.Manifest, _rig.Publisher.Sign(second.Manifest).Payload.Span, thief));

        await _rig.RefusedAsync("SIG_INVALID");
    }

    [Fact]
    public async Task A_run_that_broke_off_is_taken_up_by_the_next()
    {
        await InstalledAsync();
        _deltas.BeforePiece = at =>
        {
            if (at >= 3_000)
                throw new OperationCanceledException("the run was stopped");
        };
        await Assert.ThrowsAsync<OperationCanceledException>(() => _rig.UpdateAsync());
        _deltas.BeforePiece = null;

        await _rig.UpdateAsync();

        AssertUpgraded();
        Assert.Equal([0ul, 3_000ul], _deltas.Calls.Select(call => call.Offset));
        AssertFetched(chunks: 0, recipes: 0);
    }

    [Fact]
    public async Task A_dry_run_takes_no_outline()
    {
        await InstalledAsync();

        await _rig.UpdateAsync(isDryRun: true);

        Assert.False(Assert.Single(_rig.Source.Checks).TakesOutline);
    }

    private static byte[] Changed(byte[] content, int at)
    {
        byte[] changed = [.. content];
        changed[at] ^= 0x55;
        return changed;
    }

    private static byte[] Replaced(byte[] outline, ReadOnlySpan<byte> old, ReadOnlySpan<byte> by)
    {
        by.CopyTo(outline.AsSpan(outline.AsSpan().IndexOf(old)));
        return outline;
    }

    private static TestRelease Release(string version, ulong counter, byte[] program, byte[] library) =>
        new TestRelease(version, counter)
            .File("bin/program", program, executable: true).File("lib/library", library).File("readme", "read me");

    private static TestRelease Second() => Release("1.1.0", 2, Changed(Program, 20_000), Changed(Library, 30_000))
        .File("added", Added).File("copy/of/added", Added);

    private async Task InstalledAsync()
    {
        _rig.Source.Publish(Release("1.0.0", 1, Program, Library), 1);
        await _rig.UpdateAsync();
        _rig.Source.ChunksSent.Clear();
        _rig.Source.FetchCalls.Clear();
        _rig.Source.RecipesAsked.Clear();
        _rig.Source.Publish(Second(), 2);
        _rig.Source.Checks.Clear();
    }

    private void AssertUpgraded()
    {
        _rig.AssertCurrent(Second());
        Assert.Empty(_rig.Installed.Verify("editor"));
    }

    private void AssertFetched(int chunks, int recipes) =>
        Assert.Equal((chunks, recipes), (_rig.Source.FetchCalls.Count, _rig.Source.RecipesAsked.Count));
}
