using ChunkOta.Agent;
using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Update;

/// <summary>An upgrade by delta, and everything that may be wrong with a delta: it is never needed.</summary>
public sealed class DeltaUpgradeTests : IDisposable
{
    private static readonly byte[] Program = TestRelease.Random(1, 80_000);
    private static readonly byte[] Library = TestRelease.Random(2, 60_000);
    private static readonly byte[] Added = TestRelease.Random(3, 5_000);

    private readonly AgentRig _rig = new();
    private readonly TestDeltas _deltas = new();

    public DeltaUpgradeTests() => _rig.Source.Deltas = _deltas;

    private bool IsStagingEmpty => Directory.GetFileSystemEntries(_rig.Product.Staging).Length == 0;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task An_upgrade_fetches_the_delta_and_nothing_else()
    {
        await InstalledAsync();

        var result = await _rig.UpdateAsync();

        _rig.AssertCurrent(Second());
        Assert.Single(_deltas.Calls);
        Assert.Equal(_deltas.OfferedBytes, result.FetchedDeltaBytes);
        AssertNoChunks();
        Assert.Equal((3, 0, null), (result.DeltaFiles, result.FetchedChunkBytes, result.DeltaFailure));
        Assert.Equal(result.TreeBytes - _deltas.OfferedBytes, result.ReusedBytes);
        Assert.True(IsStagingEmpty);
    }

    [Fact]
    public async Task A_dry_run_tells_what_the_delta_makes_and_fetches_nothing()
    {
        await InstalledAsync();

        var plan = await _rig.UpdateAsync(isDryRun: true);

        Assert.Equal(
            [("added", FileAction.Delta), ("bin/program", FileAction.Delta), ("copy/of/added", FileAction.Copy),
                ("lib/library", FileAction.Delta)],
            plan.Steps!.Select(step => (step.Path, step.Action)));
        Assert.Equal((_deltas.OfferedBytes, 0), (plan.FetchedDeltaBytes, plan.FetchedChunkBytes));
        Assert.Empty(_deltas.Calls);
        Assert.True(IsStagingEmpty);
    }

    [Fact]
    public async Task The_next_upgrade_by_chunks_finds_the_chunks_of_the_files_that_a_delta_made()
    {
        await InstalledAsync();
        await _rig.UpdateAsync();
        _rig.Source.Deltas = null;
        var third = Release("1.2.0", 3, Changed(Changed(Program, 20_000), 70_000), Changed(Library, 30_000))
            .File("added", Added);
        _rig.Source.Publish(third, 3);

        await _rig.UpdateAsync();

        _rig.AssertCurrent(third);
        var held = Second().Chunks.Values.SelectMany(chunks => chunks).ToHashSet();
        Assert.Equal(third.Chunks["bin/program"].Where(chunk => !held.Contains(chunk)), _rig.Source.ChunksSent);
    }

    [Fact]
    public async Task A_file_whose_base_is_damaged_comes_as_chunks_and_the_others_by_the_delta()
    {
        await InstalledAsync();
        var damaged = Path.Combine(_rig.Product.ReleaseOf("1.0.0"), "bin/program");
        File.WriteAllBytes(damaged, Changed(Program, 50_000));

        var result = await _rig.UpdateAsync();

        AssertOnlyTheProgramCameAsChunks(result);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task A_file_whose_base_has_another_length_comes_as_chunks(int length)
    {
        await InstalledAsync();
        var damaged = Path.Combine(_rig.Product.ReleaseOf("1.0.0"), "bin/program");
        File.WriteAllBytes(damaged, [.. Program.Concat(Program).Take(length)]);

        AssertOnlyTheProgramCameAsChunks(await _rig.UpdateAsync());
    }

    [Fact]
    public async Task A_file_whose_base_is_gone_comes_as_chunks()
    {
        await InstalledAsync();
        File.Delete(Path.Combine(_rig.Product.ReleaseOf("1.0.0"), "bin/program"));

        AssertOnlyTheProgramCameAsChunks(await _rig.UpdateAsync());
    }

    [Fact]
    public async Task A_file_that_the_delta_makes_wrongly_comes_as_chunks()
    {
        await InstalledAsync();
        _deltas.Encoded = (path, content) => path == "bin/program" ? Changed(content, 40_000) : content;

        AssertOnlyTheProgramCameAsChunks(await _rig.UpdateAsync());
    }

    [Fact]
    public async Task A_copy_of_a_file_that_the_delta_makes_wrongly_comes_as_chunks_too()
    {
        await InstalledAsync();
        _deltas.Encoded = (path, content) => path == "added" ? Changed(content, 4_000) : content;

        var result = await _rig.UpdateAsync();

        _rig.AssertCurrent(Second());
        Assert.Equal(Second().Chunks["added"], _rig.Source.ChunksSent);
        Assert.Equal((2, "DELTA_BAD"), (result.DeltaFiles, result.DeltaFailure));
    }

    [Fact]
    public async Task A_delta_that_the_server_has_lost_costs_nothing_but_a_call()
    {
        await InstalledAsync();
        _deltas.IsLost = true;

        var result = await _rig.UpdateAsync();

        AssertAllCameAsChunks(result, "DELTA_UNKNOWN");
    }

    /// <summary>Else a server could keep the run, and the lock that it holds, for ever.</summary>
    [Fact]
    public async Task A_stream_of_pieces_that_hold_nothing_is_left_at_the_first_of_them()
    {
        await InstalledAsync();
        _deltas.EmptyPieces = 1000;

        AssertAllCameAsChunks(await _rig.UpdateAsync(), "DELTA_BAD");
        Assert.Single(_deltas.Calls);
        Assert.Equal(0, _deltas.SentBytes);
    }

    [Fact]
    public async Task A_delta_changed_on_its_way_is_thrown_away()
    {
        await InstalledAsync();
        _deltas.Tamper = delta => Changed(delta, delta.Length / 2);

        AssertAllCameAsChunks(await _rig.UpdateAsync(), "DELTA_BAD");
        Assert.Single(_deltas.Calls);
    }

    [Fact]
    public async Task A_delta_that_does_not_end_is_cut_off_at_the_length_that_was_announced()
    {
        await InstalledAsync();
        _deltas.Tamper = delta => [.. delta, .. TestRelease.Random(9, 1_000_000)];

        AssertAllCameAsChunks(await _rig.UpdateAsync(), "DELTA_BAD");
        Assert.InRange(_deltas.SentBytes, 1, _deltas.OfferedBytes + 1_000);
    }

    [Fact]
    public async Task A_delta_that_ends_too_early_is_given_up()
    {
        await InstalledAsync();
        _deltas.Tamper = delta => delta[..(delta.Length / 2)];

        AssertAllCameAsChunks(await _rig.UpdateAsync(), "DELTA_BAD");
    }

    [Fact]
    public async Task Rubbish_with_the_right_digest_makes_nothing()
    {
        await InstalledAsync();
        _rig.Source.TamperHeader = header =>
        {
            header.Deltas[0].Digest = Digest.Of(Added).ToByteString();
            header.Deltas[0].Bytes = (ulong)Added.Length;
            _deltas.Serve(Added);
        };

        AssertAllCameAsChunks(await _rig.UpdateAsync(), "DELTA_BAD");
    }

    [Fact]
    public async Task Chunks_are_fetched_where_they_are_said_to_cost_less()
    {
        await InstalledAsync();
        _deltas.ChunkBytes = 10;

        var result = await _rig.UpdateAsync();

        _rig.AssertCurrent(Second());
        Assert.Empty(_deltas.Calls);
        Assert.Null(result.DeltaFailure);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_an_interrupted_run_has_staged_of_a_file_is_weighed_against_the_delta(bool isNearlyDone)
    {
        var large = TestRelease.Random(4, 100_000);
        for (var at = 0; at < large.Length; at += 1_000)
            large.AsSpan(at, 500).Clear();
        await InstalledAsync();
        var third = Release("1.2.0", 3, Program, Library).File("zlarge", large);
        _rig.Source.Publish(third, 3);
        _rig.Source.Deltas = null;
        var frames = third.Chunks["zlarge"].Count / _rig.Source.ChunksPerFrame;
        var stopAt = isNearlyDone ? frames * 4 / 5 : 1;
        _rig.Source.BeforeFrame = frame =>
        {
            if (frame == stopAt)
                throw new OperationCanceledException("the run was stopped");
        };
        await Assert.ThrowsAsync<OperationCanceledException>(() => _rig.UpdateAsync());
        _rig.Source.BeforeFrame = null;
        _rig.Source.Deltas = _deltas;

        var result = await _rig.UpdateAsync();

        _rig.AssertCurrent(third);
        Assert.InRange(_deltas.OfferedBytes, 40_000, 70_000);
        Assert.Equal(isNearlyDone ? 0 : _deltas.OfferedBytes, result.FetchedDeltaBytes);
        Assert.InRange(result.FetchedChunkBytes, isNearlyDone ? 1 : 0, isNearlyDone ? 30_000 : 0);
    }

    [Fact]
    public async Task A_broken_stream_goes_on_where_it_broke()
    {
        await InstalledAsync();
        var breaks = 2;
        _deltas.BeforePiece = offset =>
        {
            if (offset >= 3_000 && breaks-- > 0)
                throw new ChunkOtaException("SERVER_UNAVAILABLE", "the connection was lost");
        };

        await _rig.UpdateAsync();

        _rig.AssertCurrent(Second());
        Assert.Equal([0L, 3_000, 3_000], _deltas.Calls.Select(call => call.Offset));
        Assert.Equal(_deltas.OfferedBytes, _deltas.SentBytes);
        AssertNoChunks();
    }

    [Fact]
    public async Task The_next_run_fetches_the_rest_of_a_delta()
    {
        await InstalledAsync();
        await BreakAtAsync(3_000);

        var result = await _rig.UpdateAsync();

        _rig.AssertCurrent(Second());
        Assert.Equal(_deltas.OfferedBytes, _deltas.SentBytes);
        Assert.Equal(_deltas.OfferedBytes - 3_000, result.FetchedDeltaBytes);
        AssertNoChunks();
        Assert.True(IsStagingEmpty);
    }

    [Fact]
    public async Task What_was_damaged_of_a_half_fetched_delta_is_fetched_again()
    {
        await InstalledAsync();
        await BreakAtAsync(3_000);
        var left = Directory.GetFiles(_rig.Product.Staging, "*.delta").Single();
        File.WriteAllBytes(left, Changed(File.ReadAllBytes(left), 1_500));

        var result = await _rig.UpdateAsync();

        _rig.AssertCurrent(Second());
        Assert.Null(result.DeltaFailure);
        Assert.Equal([3_000L, 0L], _deltas.Calls.TakeLast(2).Select(call => call.Offset));
        AssertNoChunks();
    }

    [Fact]
    public async Task A_run_that_fails_while_it_decodes_leaves_the_delta_and_the_files_it_made_to_the_next()
    {
        await InstalledAsync();
        using (FaultPoint.Arm($"op=Create;path={_rig.Product.Staging};at=4;mode=eio"))
            Assert.Equal("IO_ERROR", (await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync())).Code);
        var made = Directory.GetFiles(_rig.Product.Staging, "added", SearchOption.AllDirectories).Single();
        var inode = Fs.FindStatus(made)!.Value.Inode;

        var result = await _rig.UpdateAsync();

        _rig.AssertCurrent(Second());
        Assert.Equal(inode, Fs.FindStatus(Path.Combine(_rig.Current, "added"))!.Value.Inode);
        Assert.Equal((0, 2), (result.FetchedDeltaBytes, result.DeltaFiles));
        Assert.Single(_deltas.Calls);
        AssertNoChunks();
    }

    [Fact]
    public async Task A_half_fetched_delta_to_a_release_that_is_out_of_date_is_removed()
    {
        await InstalledAsync();
        await BreakAtAsync(3_000);
        var third = Release("1.2.0", 3, Changed(Program, 60_000), Library);
        _rig.Source.Publish(third, 3);

        await _rig.UpdateAsync();

        _rig.AssertCurrent(third);
        Assert.Empty(Directory.GetFiles(_rig.Product.Staging, "*.delta"));
    }

    [Fact]
    public async Task A_prune_removes_what_is_left_of_a_delta()
    {
        await InstalledAsync();
        await BreakAtAsync(3_000);

        _rig.Installed.Prune("editor", keep: 2, isDryRun: false);

        Assert.True(IsStagingEmpty);
    }

    private static byte[] Changed(byte[] content, int at)
    {
        byte[] changed = [.. content];
        changed[at] ^= 0x55;
        return changed;
    }

    private static TestRelease Release(string version, ulong counter, byte[] program, byte[] library) =>
        new TestRelease(version, counter)
            .File("bin/program", program, executable: true).File("lib/library", library).File("readme", "read me");

    private static TestRelease First() => Release("1.0.0", 1, Program, Library);

    private static TestRelease Second() => Release("1.1.0", 2, Changed(Program, 20_000), Changed(Library, 30_000))
        .File("added", Added).File("copy/of/added", Added);

    private async Task InstalledAsync()
    {
        _rig.Source.Publish(First(), 1);
        await _rig.UpdateAsync();
        _rig.Source.ChunksSent.Clear();
        _rig.Source.FetchCalls.Clear();
        _rig.Source.RecipesAsked.Clear();
        _rig.Source.Publish(Second(), 2);
    }

    private async Task BreakAtAsync(int offset)
    {
        _deltas.BeforePiece = at =>
        {
            if (at >= offset)
                throw new OperationCanceledException("the run was stopped");
        };
        await Assert.ThrowsAsync<OperationCanceledException>(() => _rig.UpdateAsync());
        _deltas.BeforePiece = null;
        Assert.Equal("1.0.0", _rig.Activation.FindCurrent());
    }

    private void AssertNoChunks()
    {
        Assert.Empty(_rig.Source.FetchCalls);
        Assert.Empty(_rig.Source.RecipesAsked);
    }

    private void AssertOnlyTheProgramCameAsChunks(UpdateResult result)
    {
        _rig.AssertCurrent(Second());
        var program = Second().Chunks["bin/program"];
        Assert.NotEmpty(_rig.Source.ChunksSent);
        Assert.All(_rig.Source.ChunksSent, chunk => Assert.Contains(chunk, program));
        Assert.Equal((2, "DELTA_BAD"), (result.DeltaFiles, result.DeltaFailure));
        Assert.True(IsStagingEmpty);
    }

    private void AssertAllCameAsChunks(UpdateResult result, string failure)
    {
        _rig.AssertCurrent(Second());
        Assert.Equal((0, failure), (result.DeltaFiles, result.DeltaFailure));
        Assert.NotEmpty(_rig.Source.ChunksSent);
        Assert.True(IsStagingEmpty);
    }
}
