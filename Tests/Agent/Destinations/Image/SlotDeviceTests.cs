using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Destinations.Image;

/// <summary>Slots on devices that are gone, cannot be written or hold something else than is recorded.</summary>
public sealed class SlotDeviceTests : IDisposable
{
    private static readonly byte[] First = TestRelease.Random(1, 150_000);
    private static readonly byte[] Second = SlotRig.Changed(First, 20_000, 90_000);

    private readonly SlotRig _slots = new();
    private readonly TestRelease _first = SlotRig.Image("1.0.0", 1, First);
    private readonly TestRelease _second = SlotRig.Image("1.1.0", 2, Second);

    private AgentRig Rig => _slots.Rig;

    public void Dispose() => _slots.Dispose();

    [Fact]
    public async Task A_spare_slot_that_is_gone_is_named_and_written_once_it_is_back()
    {
        await RunFirstAsync();
        var away = _slots.PathOf(SlotName.A) + ".away";
        File.Move(_slots.PathOf(SlotName.A), away);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());

        Assert.Equal(ErrorCodes.IoError, failure.Code);
        Assert.Contains(_slots.PathOf(SlotName.A), failure.Message);
        Assert.False(File.Exists(_slots.PathOf(SlotName.A)));
        _slots.AssertRuns(_first);
        File.Move(away, _slots.PathOf(SlotName.A));
        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);
        Assert.Equal("1.1.0", _slots.Boot().Version);
    }

    [Fact]
    public async Task A_slot_that_vanishes_while_it_is_written_is_never_started()
    {
        await RunFirstAsync();
        Rig.Source.BeforeFrame = _ => File.Delete(_slots.PathOf(SlotName.A));

        // The open file goes on to exist; the device that the machine would start from does not.
        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);

        var report = _slots.Boot();
        Assert.Equal("1.0.0", report.Version);
        Assert.Equal("A", Assert.Single(report.Refused).Slot);
        File.WriteAllBytes(_slots.PathOf(SlotName.A), new byte[SlotRig.SlotBytes]);
        Rig.Source.BeforeFrame = null;
        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());
        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);
        Assert.Equal("1.1.0", _slots.Boot().Version);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_running_slot_that_is_gone_is_only_a_source_less(bool hasDelta)
    {
        await RunFirstAsync();
        Rig.Source.Deltas = hasDelta ? new TestDeltas() : null;
        File.Delete(_slots.PathOf(SlotName.B));

        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);

        _slots.AssertHolds(SlotName.A, _second);
        Assert.Equal("1.1.0", _slots.Boot().Version);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_running_slot_that_is_damaged_gives_what_is_still_right_in_it(bool hasDelta)
    {
        await RunFirstAsync();
        Rig.Source.Deltas = hasDelta ? new TestDeltas() : null;
        using (var slot = File.OpenWrite(_slots.PathOf(SlotName.B)))
        {
            slot.Position = 50_000;
            slot.Write(new byte[64]);
        }

        var result = await Rig.UpdateAsync();

        Assert.Equal(UpdateState.OnTrial, result.State);
        Assert.Equal(hasDelta, result.DeltaFailure is not null);
        _slots.AssertHolds(SlotName.A, _second);
        // Two changes and the damage, each in one chunk or two.
        Assert.InRange(Rig.Source.ChunksSent.Count, 3, 6);
        Assert.Equal("1.1.0", _slots.Boot().Version);
    }

    [Fact]
    public async Task A_slot_on_a_device_that_is_read_only_fails_and_holds_what_it_held()
    {
        await RunFirstAsync();
        var held = File.ReadAllBytes(_slots.PathOf(SlotName.A));
        var slots = _slots.Slots;
        var loop = LoopDevice.Run("--find", "--show", "--read-only", _slots.PathOf(SlotName.A));
        try
        {
            _slots.Slots = slots with { A = loop };

            var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());

            Assert.Equal(ErrorCodes.IoError, failure.Code);
            Assert.Contains(loop, failure.Message);
        }
        finally
        {
            LoopDevice.Run("--detach", loop);
            _slots.Slots = slots;
        }
        Assert.Equal(held, File.ReadAllBytes(_slots.PathOf(SlotName.A)));
        _slots.AssertRuns(_first);
        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);
    }

    [Fact]
    public async Task Two_names_of_one_device_are_not_two_slots()
    {
        await RunFirstAsync();
        File.Delete(_slots.PathOf(SlotName.A));
        File.CreateSymbolicLink(_slots.PathOf(SlotName.A), _slots.PathOf(SlotName.B));

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());

        Assert.Equal(ErrorCodes.ConfigInvalid, failure.Code);
        Assert.Equal("1.0.0", _slots.Boot().Version);
    }

    [Fact]
    public async Task Bytes_that_were_written_are_counted_and_those_that_a_slot_held_are_not()
    {
        var image = new byte[100_000];
        First.AsSpan(0, 10_000).CopyTo(image.AsSpan(40_000));
        Rig.Source.Publish(SlotRig.Image("1.0.0", 1, image), 1);

        // The slot holds zeros.
        Assert.InRange((await Rig.UpdateAsync()).WrittenBytes ?? 0, 10_000, 16_384);

        _slots.Boot();
        await Rig.UpdateAsync();
        Rig.Source.Publish(SlotRig.Image("1.1.0", 2, SlotRig.Factory[..100_000]), 2);
        Assert.Equal(0, (await Rig.UpdateAsync()).WrittenBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_power_cut_while_a_slot_is_written_costs_what_was_not_on_the_disk(int seed)
    {
        await _slots.RunAsync(_first, 1);
        var unrelated = SlotRig.Image("1.1.0", 2, TestRelease.Random(5, 150_000));
        Rig.Source.Publish(unrelated, 2);
        var before = File.ReadAllBytes(_slots.PathOf(SlotName.A));
        var random = new Random(seed);
        using (FaultPoint.Arm($"mode=eio;sticky;at={random.Next(5, 30)};op=Write;path={_slots.PathOf(SlotName.A)}"))
            await Assert.ThrowsAsync<FileSystemException>(() => Rig.UpdateAsync());
        // Nothing was synced: any of the sectors may be as before.
        var lost = File.ReadAllBytes(_slots.PathOf(SlotName.A));
        var sectors = 0;
        for (var offset = 0; offset < lost.Length; offset += 512)
        {
            if (random.Next(4) > 0 || lost.AsSpan(offset, 512).SequenceEqual(before.AsSpan(offset, 512)))
                continue;
            before.AsSpan(offset, 512).CopyTo(lost.AsSpan(offset));
            sectors++;
        }
        Assert.True(sectors > 0);
        File.WriteAllBytes(_slots.PathOf(SlotName.A), lost);

        Assert.Equal("1.0.0", _slots.Boot().Version);
        var sent = Rig.Source.ChunksSent.Count;
        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);

        _slots.AssertHolds(SlotName.A, unrelated);
        Assert.True(Rig.Source.ChunksSent.Count - sent < unrelated.Chunks["firmware.img"].Count);
        Assert.Equal("1.1.0", _slots.Boot().Version);
    }

    /// <summary>Leaves the first release running from slot B; the second one is published.</summary>
    private async Task RunFirstAsync()
    {
        await _slots.RunAsync(_first, 1);
        Rig.Source.Publish(_second, 2);
        Rig.Source.ChunksSent.Clear();
    }
}
