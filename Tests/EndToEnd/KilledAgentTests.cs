using System.Text.Json;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>An agent killed at a step of an operation: the old release or the new one runs, whole, and the next run
/// ends in the new one.</summary>
public sealed class KilledAgentTests
{
    private const int Kills = 12;
    private const int KillsOfOthers = 3;
    private const int SystemCalls = 8;
    private const int SlotBytes = 1_200_000;

    private static readonly string[] Calls = ["fsync", "syncfs", "rename", "symlink", "pwrite64", "fchmod", "unlink"];
    private static readonly string[] Injections =
        ["signal=KILL", "signal=KILL", "signal=KILL", "error=EIO", "error=ENOSPC", "error=EDQUOT"];
    private static readonly string[] Files = ["lib/large0.bin", "lib/large1.bin", "lib/deep/er/VERSION", "run.sh"];

    [Theory]
    [InlineData("Rename", 60)]
    [InlineData("SyncFileSystem", 2)]
    [InlineData("Symlink", 8)]
    public async Task An_agent_killed_at_any_such_step_leaves_old_or_new_and_the_next_run_ends_in_new(
        string operation, int mostSteps)
    {
        await using var rig = await Rig.StartAsync();
        var (device, first, second) = await BeforeUpgradeAsync(rig);

        for (var step = 1; ; step++)
        {
            Assert.InRange(step, 1, mostSteps);
            await device.RestoreAsync();

            var run = await rig.AgentWithAsync(
                "CHUNKOTA_FAULT", $"op={operation};at={step};mode=kill", "upgrade", "app");

            if (run.ExitCode == 0)
            {
                Assert.True(step > 1, $"no {operation} was ever done");
                return;
            }
            Assert.Equal(137, run.ExitCode);
            await AssertSurvivedAsync(rig, first, second);
            FaultFigures.Add(("sigkills", 1));
        }
    }

    [Fact, Trait("Category", "Random")]
    public async Task An_agent_killed_at_steps_of_an_upgrade_leaves_old_or_new()
    {
        await using var rig = await Rig.StartAsync();
        var (device, first, second) = await BeforeUpgradeAsync(rig);

        await device.KillAsync(
            Rounds.Of(Kills), Rounds.Random(39), ["upgrade", "app"], () => AssertSurvivedAsync(rig, first, second));
    }

    [Fact, Trait("Category", "Random")]
    public async Task An_agent_killed_at_steps_of_a_repair_leaves_each_file_damaged_or_right()
    {
        await using var rig = await Rig.StartAsync();
        var device = new KilledDevice(rig);
        var tree = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        foreach (var file in Files)
            Flip(Path.Combine(rig.Current, file));
        File.Delete(Path.Combine(rig.Current, "start"));
        await device.SaveAsync();
        var (right, damaged) = (SampleTree.Listing(tree), SampleTree.Listing(rig.Current));

        await device.KillAsync(Rounds.Of(KillsOfOthers), Rounds.Random(43), ["repair", "app"], async () =>
        {
            var found = SampleTree.Listing(rig.Current);
            Assert.Empty(found.Except(right).Except(damaged));
            Assert.Equal(damaged.Length, found.Except(["start -> run.sh"]).Count());
            (await rig.AgentAsync("repair", "app")).Succeeded();
            SampleTree.AssertSame(tree, rig.Current);
        });
    }

    [Fact, Trait("Category", "Random")]
    public async Task An_agent_killed_at_steps_of_a_recovery_leaves_the_damaged_release_or_a_good_one()
    {
        await using var rig = await Rig.StartAsync();
        var (device, first, _) = await BeforeUpgradeAsync(rig);
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        Flip(Path.Combine(rig.Current, Files[0]));
        await device.SaveAsync();
        var whole = new[] { TextOf(rig.Current), TextOf(first) };
        string[] recover = ["doctor", "--recover", "app", "--yes"];

        await device.KillAsync(Rounds.Of(KillsOfOthers), Rounds.Random(44), recover, async () =>
        {
            Assert.Contains(TextOf(rig.Current), whole);
            (await rig.AgentAsync(recover)).Succeeded();
            SampleTree.AssertSame(first, rig.Current);
            (await rig.AgentAsync("verify", "app")).Succeeded();
        });
    }

    [Fact, Trait("Category", "Random")]
    public async Task An_agent_killed_while_it_writes_a_slot_leaves_a_machine_that_starts()
    {
        await using var rig = await Rig.StartAsync();
        var device = new KilledDevice(rig);
        string[] config = ["--config", WriteSlots(rig, device.Folder)];
        var images = new[] { WriteImage(rig, "1.0.0"), WriteImage(rig, "1.1.0") };
        (await rig.PublishAsync(images[0], "1.0.0")).Succeeded();
        (await rig.InstallAsync(config)).Succeeded();
        await StartAsync();
        (await rig.AgentAsync(["upgrade", "app", .. config])).Succeeded();
        (await rig.PublishAsync(images[1], "1.1.0")).Succeeded();
        await device.SaveAsync();
        var random = Rounds.Random(45);

        await device.KillAsync(Rounds.Of(KillsOfOthers), random, ["upgrade", "app", .. config], async () =>
        {
            if (random.Next(2) == 0)
                await StartAsync();
            (await rig.AgentAsync(["upgrade", "app", .. config])).Succeeded();
            Assert.Equal("1.1.0", await StartAsync());
            Assert.Contains(
                "app 1.1.0 is current", (await rig.AgentAsync(["upgrade", "app", .. config])).Succeeded().Out,
                StringComparison.Ordinal);
        });

        async Task<string?> StartAsync()
        {
            var report = (await rig.AgentAsync(["boot", "app", "--json", .. config])).Succeeded().Json;
            var version = report.GetProperty("version").GetString();
            var image = await File.ReadAllBytesAsync(Path.Combine(rig.PathOf(version!), "image"));
            var slot = await File.ReadAllBytesAsync(report.GetProperty("path").GetString()!);
            Assert.True(slot.AsSpan(0, image.Length).SequenceEqual(image), $"{version} is not whole");
            return version;
        }
    }

    /// <summary>The same from outside, without the agent's own fault points.</summary>
    [FactIfInstalled("strace"), Trait("Category", "Random")]
    public async Task An_agent_killed_or_failed_at_system_calls_leaves_old_or_new()
    {
        await using var rig = await Rig.StartAsync();
        var (device, first, second) = await BeforeUpgradeAsync(rig);
        var random = Rounds.Random(40);
        var kills = 0;

        for (var i = 0; i < Rounds.Of(SystemCalls); i++)
        {
            await device.RestoreAsync();
            var call = Calls[random.Next(Calls.Length)];
            var what = Injections[random.Next(Injections.Length)];

            var run = await rig.TracedAgentAsync(
                $"inject={call}:{what}:when={random.Next(1, 8)}", "upgrade", "app");

            kills += run.ExitCode == 137 ? 1 : 0;
            await AssertSurvivedAsync(rig, first, second);
        }
        FaultFigures.Add(("sigkills", kills));
    }

    [Fact]
    public async Task An_interrupted_agent_ends_with_130_and_the_next_run_succeeds()
    {
        await using var rig = await Rig.StartAsync();

        var (run, tree) = await rig.InstallAndSignalAsync("TERM");

        Assert.Equal(130, run.ExitCode);
        Assert.Contains("error INTERRUPTED: ", run.Error, StringComparison.Ordinal);
        rig.Proxy.Mend();

        (await rig.InstallAsync()).Succeeded();

        SampleTree.AssertSame(tree, rig.Current);
    }

    /// <summary>A device that has a release, and a server that has the next one.</summary>
    private static async Task<(KilledDevice Device, string First, string Second)> BeforeUpgradeAsync(Rig rig)
    {
        var device = new KilledDevice(rig);
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        await device.SaveAsync();
        return (device, first, second);
    }

    /// <summary>The old release or the new one runs, whole, and the next run ends in the new one.</summary>
    private static async Task AssertSurvivedAsync(Rig rig, string first, string second)
    {
        var version = Path.GetFileName(Directory.ResolveLinkTarget(rig.Current, false)!.FullName);
        SampleTree.AssertSame(version == "1.0.0" ? first : second, rig.Current);
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(second, rig.Current);
        (await rig.AgentAsync("verify", "app")).Succeeded();
    }

    /// <summary>Makes two slots and the settings that name them.</summary>
    private static string WriteSlots(Rig rig, string folder)
    {
        foreach (var slot in new[] { "a", "b" })
            File.WriteAllBytes(Path.Combine(folder, slot), new byte[SlotBytes]);
        var slots = new
        {
            A = Path.Combine(folder, "a"),
            B = Path.Combine(folder, "b"),
            Bootloader = "simulated",
            Environment = Path.Combine(folder, "boot.env"),
        };
        var settings = new { Products = new { app = new { Slots = slots, Health = new { MaxAttempts = 9 } } } };
        var file = rig.PathOf("ota-agent.json");
        File.WriteAllText(file, JsonSerializer.Serialize(settings));
        return file;
    }

    /// <summary>Writes a tree that is one image, like that of every other version in most of its bytes.</summary>
    private static string WriteImage(Rig rig, string version)
    {
        var tree = rig.PathOf(version);
        Directory.CreateDirectory(tree);
        var image = SampleTree.Noise(7, 1_000_000);
        SampleTree.Noise(version[2], 5_000).CopyTo(image, 300_000);
        System.Text.Encoding.ASCII.GetBytes(version).CopyTo(image, 900_000);
        File.WriteAllBytes(Path.Combine(tree, "image"), image);
        return tree;
    }

    private static string TextOf(string tree) => string.Join('\n', SampleTree.Listing(tree));

    private static void Flip(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
