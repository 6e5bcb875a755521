using ChunkOta.Agent;

namespace ChunkOta.Tests.Agent.Support;

/// <summary>A device with two slots: files, with the boot loader that <c>ota-agent boot</c> is.</summary>
internal sealed class SlotRig : IDisposable
{
    public const int SlotBytes = 160 * 1024;

    /// <summary>The image of the factory, which nobody has signed.</summary>
    public static readonly byte[] Factory = TestRelease.Random(77, SlotBytes);

    public SlotRig()
    {
        File.WriteAllBytes(PathOf(SlotName.A), Factory);
        File.WriteAllBytes(PathOf(SlotName.B), new byte[SlotBytes]);
        Slots = new SlotSettings
        {
            A = PathOf(SlotName.A),
            B = PathOf(SlotName.B),
            Bootloader = SlotSettings.Simulated,
            Environment = Path.Combine(Rig.Folder, "boot.env"),
        };
        Health = new HealthPolicy { MaxAttempts = 2 };
    }

    public AgentRig Rig { get; } = new();

    public SlotSettings Slots
    {
        get => Rig.Policy.Slots!;
        set => Rig.Policy = Rig.Policy with { Slots = value };
    }

    public HealthPolicy Health
    {
        set => Rig.Policy = Rig.Policy with { Health = value };
    }

    public IBootloader Bootloader => Bootloaders.Of(Slots, Rig.Product, Rig.Clock);

    public SlotDocument Record => new SlotStore(Rig.Product).Load();

    public ProductState State => Rig.States.Find()!;

    /// <summary>A release that is one image.</summary>
    public static TestRelease Image(string version, ulong counter, byte[] content) =>
        new TestRelease(version, counter).File("firmware.img", content);

    /// <summary>An image that is another in all but a few bytes of a few places.</summary>
    public static byte[] Changed(byte[] image, params int[] offsets)
    {
        var changed = (byte[])image.Clone();
        foreach (var offset in offsets)
            changed[offset] ^= 0x55;
        return changed;
    }

    public string PathOf(SlotName slot) => Path.Combine(Rig.Folder, $"slot-{slot}");

    /// <summary>The first bytes of a slot.</summary>
    public byte[] Read(SlotName slot, int length) => File.ReadAllBytes(PathOf(slot))[..length];

    /// <summary>Starts the machine.</summary>
    public BootReport Boot(BootRequest? request = null) =>
        Rig.Installed.Boot(request ?? new BootRequest { Product = "editor" });

    /// <summary>Publishes a release, installs it, starts it and keeps it.</summary>
    public async Task RunAsync(TestRelease release, ulong seq)
    {
        Rig.Source.Publish(release, seq);
        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);
        Boot();
        Assert.Equal(UpdateState.Unchanged, (await Rig.UpdateAsync()).State);
        AssertRuns(release);
        Assert.Null(Bootloader.Read().Tries);
    }

    /// <summary>Checks that the slot that runs is started next, too, and that it holds this release.</summary>
    public void AssertRuns(TestRelease release)
    {
        var running = Bootloader.FindRunning();
        Assert.Equal(running, Bootloader.Read().First);
        AssertHolds(running, release);
        Assert.Equal(release.Manifest.Version, State.CurrentRelease?.Version);
    }

    /// <summary>Checks that a slot holds a release, byte by byte.</summary>
    public void AssertHolds(SlotName slot, TestRelease release)
    {
        var image = release.Files["firmware.img"];
        Assert.True(Read(slot, image.Length).AsSpan().SequenceEqual(image), $"slot {slot} holds something else");
    }

    public void Dispose() => Rig.Dispose();
}
