using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Destinations.Image;

/// <summary>A release that is one image, written to the slot that does not run.</summary>
public sealed class SlotUpdateTests : IDisposable
{
    private static readonly byte[] First = TestRelease.Random(1, 150_000);
    private static readonly byte[] Second = SlotRig.Changed(First, 20_000, 90_000);

    private readonly SlotRig _slots = new();

    private AgentRig Rig => _slots.Rig;

    public void Dispose() => _slots.Dispose();

    [Fact]
    public async Task A_first_image_is_written_beside_the_one_from_the_factory_and_waits_for_a_restart()
    {
        Rig.Source.Publish(SlotRig.Image("1.0.0", 1, First), 1);

        var result = await Rig.UpdateAsync();

        Assert.Equal(UpdateState.OnTrial, result.State);
        Assert.Equal(SlotRig.Factory, _slots.Read(SlotName.A, SlotRig.SlotBytes));
        Assert.Equal(First, _slots.Read(SlotName.B, First.Length));
        Assert.Equal(new BootPlan(SlotName.B, 2), _slots.Bootloader.Read());
        Assert.Equal("B", _slots.Boot().Slot);
        Assert.Equal(UpdateState.Unchanged, (await Rig.UpdateAsync()).State);
        Assert.Equal(new BootPlan(SlotName.B, null), _slots.Bootloader.Read());
    }

    [Fact]
    public async Task The_image_from_the_factory_is_a_source_of_chunks()
    {
        var image = SlotRig.Changed(SlotRig.Factory, 70_000);
        Rig.Source.Publish(SlotRig.Image("1.0.0", 1, image), 1);

        await Rig.UpdateAsync();

        Assert.Equal(image, _slots.Read(SlotName.B, image.Length));
        Assert.InRange(Rig.Source.ChunksSent.Count, 1, 3);
    }

    [Fact]
    public async Task An_upgrade_fetches_what_the_running_slot_lacks_and_the_running_slot_stays()
    {
        var (first, second) = await InstallFirstAsync();

        var result = await Rig.UpdateAsync();

        _slots.AssertHolds(SlotName.B, first);
        _slots.AssertHolds(SlotName.A, second);
        var held = first.Chunks["firmware.img"].ToHashSet();
        Assert.Equal(second.Chunks["firmware.img"].Where(chunk => !held.Contains(chunk)), Rig.Source.ChunksSent);
        Assert.Equal(("1.0.0", UpdateState.OnTrial), (result.FromVersion, result.State));
    }

    [Fact]
    public async Task An_upgrade_by_delta_reads_the_running_slot()
    {
        var deltas = new TestDeltas();
        Rig.Source.Deltas = deltas;
        var (_, second) = await InstallFirstAsync();

        var result = await Rig.UpdateAsync();

        _slots.AssertHolds(SlotName.A, second);
        Assert.Equal((1, deltas.OfferedBytes), (result.DeltaFiles, result.FetchedDeltaBytes));
        Assert.Equal(0, result.FetchedChunkBytes);
    }

    [Fact]
    public async Task A_delta_that_was_interrupted_while_the_slot_was_written_is_not_fetched_again()
    {
        var deltas = new TestDeltas();
        Rig.Source.Deltas = deltas;
        var (_, second) = await InstallFirstAsync();
        using (FaultPoint.Arm($"mode=eio;sticky;op=Write;path={_slots.PathOf(SlotName.A)}"))
            await Assert.ThrowsAsync<FileSystemException>(() => Rig.UpdateAsync());

        await Rig.UpdateAsync();

        _slots.AssertHolds(SlotName.A, second);
        Assert.Equal(deltas.OfferedBytes, deltas.SentBytes);
    }

    [Fact]
    public async Task Blocks_that_a_slot_holds_already_are_not_written()
    {
        await _slots.RunAsync(SlotRig.Image("1.0.0", 1, First), 1);
        await _slots.RunAsync(SlotRig.Image("1.1.0", 2, Second), 2);
        var third = SlotRig.Image("1.2.0", 3, SlotRig.Changed(First, 40_000));
        Rig.Source.Publish(third, 3);
        var log = Path.Combine(Rig.Folder, "writes");

        UpdateResult result;
        using (FaultPoint.Arm($"mode=log;op=Write;path={_slots.PathOf(SlotName.B)};log={log}"))
            result = await Rig.UpdateAsync();

        _slots.AssertHolds(SlotName.B, third);
        Assert.Single(File.ReadAllLines(log));
        Assert.InRange(result.WrittenBytes ?? 0, 1, 4096);
    }

    [Fact]
    public async Task Zeros_in_a_hole_of_a_sparse_slot_stay_a_hole()
    {
        var image = new byte[120_000];
        First.AsSpan(0, 5_000).CopyTo(image);
        var log = Path.Combine(Rig.Folder, "writes");
        Rig.Source.Publish(SlotRig.Image("1.0.0", 1, image), 1);

        using (FaultPoint.Arm($"mode=log;op=Write;path={_slots.PathOf(SlotName.B)};log={log}"))
            await Rig.UpdateAsync();

        Assert.Equal(image, _slots.Read(SlotName.B, image.Length));
        Assert.InRange(File.ReadAllLines(log).Length, 1, 6);
    }

    [Fact]
    public async Task A_run_that_was_interrupted_fetches_only_the_rest()
    {
        var release = SlotRig.Image("1.0.0", 1, First);
        Rig.Source.Publish(release, 1);
        Rig.Source.BeforeFrame = frame => Assert.True(frame < 9, "interrupted");
        await Assert.ThrowsAnyAsync<Exception>(() => Rig.UpdateAsync());
        Rig.Source.BeforeFrame = null;

        await Rig.UpdateAsync();

        _slots.AssertHolds(SlotName.B, release);
        Assert.Equal(release.Chunks["firmware.img"].Count, Rig.Source.ChunksSent.Count);
    }

    [Fact]
    public async Task A_torn_piece_is_fetched_again_and_nothing_else()
    {
        var release = SlotRig.Image("1.0.0", 1, First);
        Rig.Source.Publish(release, 1);
        await Rig.UpdateAsync();
        var sent = Rig.Source.ChunksSent.Count;
        // As a power cut leaves it: not recorded as complete, and one block of zeros.
        var store = new SlotStore(Rig.Product);
        store.Save(store.Load() with { B = store.Load().B! with { IsComplete = false } });
        Rig.States.Save(_slots.State with { Current = null, Trial = null, Releases = [] });
        _slots.Bootloader.Write(new BootPlan(SlotName.A, null));
        using (var slot = File.OpenWrite(_slots.PathOf(SlotName.B)))
        {
            slot.Position = 40_960;
            slot.Write(new byte[512]);
        }

        await Rig.UpdateAsync();

        _slots.AssertHolds(SlotName.B, release);
        Assert.InRange(Rig.Source.ChunksSent.Count - sent, 1, 2);
    }

    [Fact]
    public async Task An_image_that_does_not_fit_is_refused_before_anything_is_written()
    {
        Rig.Source.Publish(SlotRig.Image("1.0.0", 1, TestRelease.Random(3, SlotRig.SlotBytes + 1)), 1);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());

        Assert.Equal(ErrorCodes.ImageUnfit, failure.Code);
        Assert.Equal(new byte[SlotRig.SlotBytes], _slots.Read(SlotName.B, SlotRig.SlotBytes));
        Assert.Equal(new SlotDocument(), _slots.Record);
        Assert.Empty(Rig.Source.ChunksSent);
    }

    [Fact]
    public async Task A_release_of_several_files_is_refused()
    {
        Rig.Source.Publish(new TestRelease("1.0.0", 1).File("one", "1").File("two", "2"), 1);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());

        Assert.Equal(ErrorCodes.ImageUnfit, failure.Code);
        Assert.Contains("it must be a single file, and has 2 entries", failure.Message);
    }

    [Fact]
    public async Task What_is_read_back_decides_if_the_slot_is_complete()
    {
        var release = SlotRig.Image("1.0.0", 1, First);
        Rig.Source.Publish(release, 1);
        Rig.Source.BeforeFrame = frame =>
        {
            // Something else writes to the slot behind the agent's back.
            if (frame == 40)
                File.WriteAllBytes(_slots.PathOf(SlotName.B), new byte[SlotRig.SlotBytes]);
        };

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());
        Rig.Source.BeforeFrame = null;

        Assert.Equal(ErrorCodes.FileHash, failure.Code);
        Assert.Equal(new BootPlan(SlotName.A, null), _slots.Bootloader.Read());
        Assert.False(_slots.Record.B!.IsComplete);
        await Rig.UpdateAsync();
        _slots.AssertHolds(SlotName.B, release);
    }

    [Fact]
    public async Task A_slot_that_is_started_next_is_not_written_before_the_machine_is_restarted()
    {
        await _slots.RunAsync(SlotRig.Image("1.0.0", 1, First), 1);
        await _slots.RunAsync(SlotRig.Image("1.1.0", 2, Second), 2);
        Rig.Installed.Revert("editor");
        Rig.Source.Publish(SlotRig.Image("1.2.0", 3, SlotRig.Changed(First, 5)), 3);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());

        Assert.Equal(ErrorCodes.Busy, failure.Code);
        Assert.Contains("restart the machine first", failure.Message);
        Assert.Equal("1.0.0", _slots.Boot().Version);
        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_slot_that_a_loop_device_shows_as_a_disk_is_not_written(bool isLink)
    {
        var release = SlotRig.Image("1.0.0", 1, First);
        Rig.Source.Publish(release, 1);
        if (isLink)
        {
            var link = Path.Combine(Rig.Folder, "link");
            File.CreateSymbolicLink(link, _slots.PathOf(SlotName.B));
            _slots.Slots = _slots.Slots with { B = link };
        }
        var loop = LoopDevice.Run("--find", "--show", _slots.PathOf(SlotName.B));
        try
        {
            var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());

            Assert.Equal(ErrorCodes.Busy, failure.Code);
            Assert.Contains($"{loop} shows it as a disk", failure.Message);
        }
        finally
        {
            LoopDevice.Run("--detach", loop);
        }
        await Rig.UpdateAsync();
        _slots.AssertHolds(SlotName.B, release);
    }

    private async Task<(TestRelease First, TestRelease Second)> InstallFirstAsync()
    {
        var (first, second) = (SlotRig.Image("1.0.0", 1, First), SlotRig.Image("1.1.0", 2, Second));
        await _slots.RunAsync(first, 1);
        Rig.Source.Publish(second, 2);
        Rig.Source.ChunksSent.Clear();
        return (first, second);
    }
}
