using ChunkOta.Tests.EndToEnd;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Firmware;

/// <summary>A machine whose first process is the agent: it starts from a slot that is signed, or from the other
/// one.</summary>
[Trait("Category", "StaticProgram")]
public sealed class FirmwareBootTests
{
    [FactIfInstalled("qemu-system-x86_64 mkfs.ext4 clang")]
    public async Task A_machine_starts_good_firmware_and_leaves_bad_and_changed_firmware()
    {
        await using var rig = await Rig.StartAsync();
        using var folder = new TemporaryFolder();
        var machine = new FirmwareMachine(folder);
        machine.MakeInitramfs(Repository.PathOf("artifacts/ota-agent"), $"{rig.Keys}/root.json");
        var settings = WriteSettings(rig);

        await ReleaseAsync(rig, settings, await machine.MakeImageAsync("one", "firmware 1.0.0 runs"), "1.0.0");
        await ReleaseAsync(rig, settings, await machine.MakeImageAsync("two", "firmware 1.1.0 runs"), "1.1.0");
        await machine.MakeDiskAsync(rig.Home, ReadSlot(rig, "a"), ReadSlot(rig, "b"));

        // Slot A holds 1.1.0: the first install went to slot B.
        AssertSays(await machine.BootAsync("A"), "app 1.1.0 starts from slot A, /dev/vda2", "firmware 1.1.0 runs");

        machine.Tamper(partition: 1, offset: 123_456);
        var changed = await machine.BootAsync("A");
        AssertSays(
            changed,
            "slot A is refused: it holds no image that a trusted key has signed",
            "app 1.0.0 starts from slot B, /dev/vda3",
            "firmware 1.0.0 runs");

        machine.Tamper(partition: 2, offset: 234_567);
        AssertSays(
            await machine.BootAsync("A"),
            "error SLOT_UNVERIFIED: app cannot be started: slot A: it holds no image that a trusted key has signed; "
            + "slot B: it holds no image that a trusted key has signed",
            "Kernel panic - not syncing: Attempted to kill init!");

        // Signed all the same, but not a file system.
        await ReleaseAsync(rig, settings, SampleTree.Noise(5, 300_000), "1.2.0");
        await machine.MakeDiskAsync(rig.Home, ReadSlot(rig, "a"), ReadSlot(rig, "b"));
        AssertSays(
            await machine.BootAsync("B"), "slot B is refused: it cannot be mounted", "firmware 1.1.0 runs");
    }

    private static void AssertSays(string console, params string[] lines) =>
        Assert.All(lines, line => Assert.Contains(line, console, StringComparison.Ordinal));

    private static byte[] ReadSlot(Rig rig, string slot) => File.ReadAllBytes(rig.PathOf($"slot-{slot}"));

    private static string WriteSettings(Rig rig)
    {
        foreach (var slot in new[] { "a", "b" })
            File.WriteAllBytes(rig.PathOf($"slot-{slot}"), new byte[8 << 20]);
        var path = rig.PathOf("ota-agent.json");
        File.WriteAllText(
            path,
            $$"""
            { "Products": { "app": { "Slots": {
              "A": "{{rig.PathOf("slot-a")}}", "B": "{{rig.PathOf("slot-b")}}",
              "Bootloader": "simulated", "Environment": "{{rig.PathOf("boot.env")}}"
            } } } }
            """);
        return path;
    }

    /// <summary>Publishes firmware, installs it, starts it in simulation, and keeps it.</summary>
    private static async Task ReleaseAsync(Rig rig, string settings, byte[] image, string version)
    {
        var tree = rig.PathOf($"tree-{version}");
        Directory.CreateDirectory(tree);
        await File.WriteAllBytesAsync(Path.Combine(tree, "firmware.img"), image);
        (await rig.PublishAsync(tree, version, "--allow-shrink")).Succeeded();
        (await rig.InstallAsync("--config", settings)).Succeeded();
        (await rig.AgentAsync("boot", "app", "--config", settings)).Succeeded();
        (await rig.AgentAsync("upgrade", "app", "--config", settings)).Succeeded();
    }
}
