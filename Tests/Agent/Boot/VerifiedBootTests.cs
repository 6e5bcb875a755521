using ChunkOta.Agent;
using ChunkOta.Protos;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Boot;

/// <summary>A machine starts from a slot only if a trusted key has signed the image in it.</summary>
public sealed class VerifiedBootTests : IDisposable
{
    private readonly SlotRig _slots = new();
    private readonly TestRelease _first = SlotRig.Image("1.0.0", 1, TestRelease.Random(1, 30_000));
    private readonly TestRelease _second = SlotRig.Image("1.1.0", 2, TestRelease.Random(2, 40_000));

    private AgentRig Rig => _slots.Rig;

    private BootRequest Request => new() { Product = "editor" };

    public void Dispose() => _slots.Dispose();

    [Fact]
    public async Task A_slot_that_was_changed_is_refused_and_the_other_one_starts()
    {
        await RunBothAsync();
        Tamper(SlotName.A);

        var report = _slots.Boot();

        Assert.Equal(("B", "1.0.0"), (report.Slot, report.Version));
        Assert.Equal(
            new RefusedSlot("A", "it holds no image that a trusted key has signed"), Assert.Single(report.Refused));
        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());
        Assert.Contains("its image is damaged; 1.0.0 is current again", failure.Message);
        _slots.AssertRuns(_first);
        Rig.Source.ChunksSent.Clear();
        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);
        Assert.Equal("1.1.0", _slots.Boot().Version);
        Assert.InRange(Rig.Source.ChunksSent.Count, 1, 2);
    }

    [Fact]
    public async Task Without_a_slot_that_is_signed_nothing_starts()
    {
        await RunBothAsync();
        Tamper(SlotName.A);
        Tamper(SlotName.B);

        var failure = Assert.ThrowsAny<ChunkOtaException>(() => _slots.Boot());

        Assert.Equal(ErrorCodes.SlotUnverified, failure.Code);
    }

    [Fact]
    public async Task A_slot_that_cannot_be_prepared_gives_way_to_the_other()
    {
        await RunBothAsync();

        var report = _slots.Boot(Request with
        {
            Prepare = path => path == _slots.PathOf(SlotName.A) ? "it cannot be mounted" : null,
        });

        Assert.Equal("1.0.0", report.Version);
        Assert.Equal([new RefusedSlot("A", "it cannot be mounted")], report.Refused);
    }

    [Fact]
    public async Task A_manifest_that_only_a_stranger_has_signed_starts_nothing()
    {
        await RunBothAsync();
        using var stranger = new TestPublisher(Rig.Clock);
        var root = Path.Combine(Rig.Folder, "root.json");
        File.WriteAllText(root, SignedDocument.ToJson(stranger.Roots[0]));

        var failure = Assert.ThrowsAny<ChunkOtaException>(() => _slots.Boot(Request with { RootFile = root }));

        Assert.Equal(ErrorCodes.SlotUnverified, failure.Code);
        File.WriteAllText(root, SignedDocument.ToJson(Rig.Publisher.Roots[0]));
        Assert.Equal("1.1.0", _slots.Boot(Request with { RootFile = root }).Version);
    }

    [Fact]
    public async Task A_lost_record_of_the_slots_costs_nothing()
    {
        await RunBothAsync();
        File.Delete(Path.Combine(Rig.Product.Root, "slots.a"));
        File.Delete(Path.Combine(Rig.Product.Root, "slots.b"));

        Assert.Equal("1.1.0", _slots.Boot().Version);
    }

    [Theory]
    [InlineData("torn")]
    [InlineData("{")]
    public async Task A_damaged_record_of_the_slots_costs_nothing(string content)
    {
        await RunBothAsync();
        if (content == "torn")
        {
            File.WriteAllText(Path.Combine(Rig.Product.Root, "slots.a"), content);
            File.WriteAllText(Path.Combine(Rig.Product.Root, "slots.b"), content);
        }
        else
        {
            Rig.Product.SlotsFile.Write(System.Text.Encoding.UTF8.GetBytes(content));
        }

        Assert.Equal("1.1.0", _slots.Boot().Version);
    }

    [Fact]
    public async Task A_damaged_trust_state_starts_nothing_but_what_a_root_of_the_machine_vouches_for()
    {
        await RunBothAsync();
        var root = Path.Combine(Rig.Folder, "root.json");
        File.WriteAllText(root, SignedDocument.ToJson(Rig.Publisher.Roots[0]));
        File.WriteAllText(Path.Combine(Rig.Home.StateDirectory, "trust.a"), "torn");
        File.WriteAllText(Path.Combine(Rig.Home.StateDirectory, "trust.b"), "torn");

        Assert.Throws<ChunkOtaException>(() => _slots.Boot());
        Assert.Equal("1.1.0", _slots.Boot(Request with { RootFile = root }).Version);
    }

    [Fact]
    public async Task A_manifest_that_cannot_be_read_costs_only_its_own_release()
    {
        await RunBothAsync();
        var path = Path.Combine(Rig.Product.Manifests, $"{_second.Contents.Digest}.manifest");
        File.Delete(path);
        Directory.CreateDirectory(path);

        Assert.Equal("1.0.0", _slots.Boot().Version);
    }

    [Fact]
    public async Task A_slot_whose_device_never_appears_gives_way_to_the_other()
    {
        await RunBothAsync();
        File.Delete(_slots.PathOf(SlotName.A));
        var time = new JumpingTime();

        await new Initramfs(time).WaitForAnyAsync([_slots.PathOf(SlotName.A), _slots.PathOf(SlotName.B)]);

        Assert.InRange(time.Elapsed.TotalSeconds, 10, 11);
        Assert.Equal(("B", "1.0.0"), (_slots.Boot().Slot, _slots.Boot().Version));
        File.Delete(_slots.PathOf(SlotName.B));
        await Assert.ThrowsAsync<ChunkOtaException>(() => new Initramfs(time).WaitForAnyAsync(
            [_slots.PathOf(SlotName.A), _slots.PathOf(SlotName.B)]));
    }

    [Fact]
    public async Task An_upgrade_goes_on_where_the_record_of_the_slots_is_damaged()
    {
        await RunBothAsync();
        foreach (var generation in new[] { "slots.a", "slots.b" })
            File.WriteAllText(Path.Combine(Rig.Product.Root, generation), "no record");

        Assert.Equal("1.1.0", _slots.Boot().Version);
        await Rig.UpdateAsync();
        Assert.Equal("1.1.0", _slots.Boot().Version);
    }

    [Fact]
    public async Task A_slot_whose_manifest_is_gone_is_refused()
    {
        await RunBothAsync();
        File.Delete(Path.Combine(Rig.Product.Manifests, $"{_slots.Record.A!.ManifestDigest}.manifest"));

        var report = _slots.Boot();

        Assert.Equal("1.0.0", report.Version);
        Assert.Equal("A", Assert.Single(report.Refused).Slot);
    }

    [Fact]
    public async Task A_slot_whose_tries_are_used_up_starts_all_the_same_where_the_other_one_is_changed()
    {
        await RunBothAsync();
        Tamper(SlotName.B);
        _slots.Bootloader.Write(new BootPlan(SlotName.A, 0));

        var report = _slots.Boot();

        Assert.Equal("1.1.0", report.Version);
        Assert.Equal("B", Assert.Single(report.Refused).Slot);
    }

    [Fact]
    public async Task A_release_below_the_publishers_floor_does_not_start()
    {
        await RunBothAsync();
        await Rig.TrustStore.UpdateAsync(
            Rig.Trust.Server, "editor", trust => trust! with { MinimumCounter = 2 }, CancellationToken.None);
        Tamper(SlotName.A);

        Assert.Throws<ChunkOtaException>(() => _slots.Boot());
    }

    [Fact]
    public async Task A_floor_that_no_release_of_this_machine_has_reached_leaves_it_something_to_start()
    {
        await RunBothAsync();
        var third = SlotRig.Image("1.2.0", 3, TestRelease.Random(3, 40_000));
        Rig.Source.Publish(third, 3, pointer => pointer.Floor = 3);
        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);
        Assert.Equal("1.2.0", _slots.Boot().Version);
        Assert.Equal("1.2.0", _slots.Boot().Version);

        // It has never proved that it works.
        Assert.Equal("1.1.0", _slots.Boot().Version);
    }

    [Fact]
    public async Task A_root_that_removes_the_key_of_what_is_installed_leaves_the_machine_that_to_start()
    {
        await RunBothAsync();
        Rig.Publisher.ReleaseKey = SigningKey.Generate();
        Rig.Publisher.RotateRoot();
        var third = SlotRig.Image("1.2.0", 3, TestRelease.Random(3, 40_000));
        Rig.Source.Publish(third, 3);
        Rig.Source.BeforeFrame = _ => throw new ChunkOtaException("INTERRUPTED", "the power failed");
        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());
        Rig.Source.BeforeFrame = null;

        Assert.Equal("1.1.0", _slots.Boot().Version);
        await _slots.RunAsync(third, 4);
        Tamper(_slots.Bootloader.FindRunning());

        // Once a release of the new key was kept, no other one starts.
        Assert.Equal(ErrorCodes.SlotUnverified, Assert.ThrowsAny<ChunkOtaException>(() => _slots.Boot()).Code);
    }

    [Fact]
    public async Task A_withdrawn_release_starts_and_the_report_says_so()
    {
        await RunBothAsync();
        Assert.False(_slots.Boot().IsWithdrawn);
        var third = SlotRig.Image("1.2.0", 3, TestRelease.Random(3, 40_000));
        var current = Rig.States.Get("editor").Current!.Value;
        Rig.Source.Publish(third, 3, pointer => pointer.Revoked.Add(current.ToByteString()));
        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);
        Assert.False(_slots.Boot().IsWithdrawn);
        _slots.Boot();

        var report = _slots.Boot();

        Assert.Equal(("1.1.0", true), (report.Version, report.IsWithdrawn));
        Assert.Empty(report.Refused);
    }

    [Fact]
    public void A_product_without_slots_cannot_be_started()
    {
        Rig.Policy = ProductPolicy.None;

        Assert.Equal(ErrorCodes.ConfigInvalid, Assert.ThrowsAny<ChunkOtaException>(() => _slots.Boot(Request)).Code);
    }

    private async Task RunBothAsync()
    {
        await _slots.RunAsync(_first, 1);
        await _slots.RunAsync(_second, 2);
    }

    private void Tamper(SlotName slot)
    {
        using var file = File.OpenWrite(_slots.PathOf(slot));
        file.Position = 12_345;
        file.WriteByte(0x42);
        file.WriteByte(0x43);
    }
}
