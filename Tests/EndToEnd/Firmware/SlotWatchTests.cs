using ChunkOta.Tests.EndToEnd;
using ChunkOta.Tests.Support;
using ChunkOta.Tests.Watching;

namespace ChunkOta.Tests.Firmware;

/// <summary><c>ota-agent watch</c> as a process on a device with two slots, which is restarted meanwhile.</summary>
public sealed class SlotWatchTests
{
    [Fact]
    public async Task A_device_with_slots_is_upgraded_restarted_and_falls_back()
    {
        await using var rig = await Rig.StartAsync();
        var config = WriteSlots(rig);
        await PublishImageAsync(rig, "1.0.0");
        Assert.Contains(
            "app 1.0.0 starts when the machine is restarted",
            (await rig.InstallAsync("--config", config)).Succeeded().Out,
            StringComparison.Ordinal);
        await BootAsync(rig, config, "app 1.0.0 starts from slot B");
        (await rig.AgentAsync("confirm", "app", "--config", config)).Succeeded();
        using var agent = RunningWatch.Start(rig, "--config", config);

        // A release that is kept.
        await PublishImageAsync(rig, "1.1.0");
        await agent.SaysAsync("app: 1.1.0 starts when the machine is restarted");
        await BootAsync(rig, config, "app 1.1.0 starts from slot A");
        await agent.SaysAsync("app: 1.1.0 is on trial");
        (await rig.AgentAsync("confirm", "app", "--config", config)).Succeeded();
        await agent.SaysAsync("app: 1.1.0 is current");

        // One that nobody keeps: the boot loader goes back, and watch says so.
        await PublishImageAsync(rig, "1.2.0");
        await agent.SaysAsync("app: 1.2.0 starts when the machine is restarted");
        await BootAsync(rig, config, "app 1.2.0 starts from slot B");
        await BootAsync(rig, config, "app 1.2.0 starts from slot B");
        await BootAsync(rig, config, "app 1.1.0 starts from slot A");
        var failure = await agent.SaysAsync(line => line.Contains("error ", StringComparison.Ordinal));
        Assert.Equal(
            "app: error HEALTH_FAILED: app 1.2.0 does not work: the machine did not start with it; "
            + "1.1.0 is current again",
            failure);
        await agent.SaysAsync("app: 1.2.0 is not installed again");

        // The next one, with a restart that ends the process as well.
        await PublishImageAsync(rig, "1.3.0");
        await agent.SaysAsync("app: 1.3.0 starts when the machine is restarted");
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
        await BootAsync(rig, config, "app 1.3.0 starts from slot B");
        using var next = RunningWatch.Start(rig, "--config", config);
        await next.SaysAsync("app: 1.3.0 is on trial");
        (await rig.AgentAsync("confirm", "app", "--config", config)).Succeeded();
        await next.SaysAsync("app: 1.3.0 is current");
        Assert.Equal(0, (await next.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_device_whose_first_image_does_not_start_takes_the_next_one()
    {
        await using var rig = await Rig.StartAsync();
        var config = WriteSlots(rig);
        await PublishImageAsync(rig, "1.0.0");
        (await rig.InstallAsync("--config", config)).Succeeded();
        using var agent = RunningWatch.Start(rig, "--config", config);
        await BootAsync(rig, config, "app 1.0.0 starts from slot B");
        await BootAsync(rig, config, "app 1.0.0 starts from slot B");
        // The image from the factory is not signed: only a boot loader that does not look at it goes back to it.
        var environment = rig.PathOf("boot.env");
        await File.WriteAllTextAsync(environment, "ota_slot=A\nota_tries=kept\nrunning=A\nstarts=9\n");
        await agent.SaysAsync(line => line.EndsWith(
            "the machine did not start with it; what ran before it runs again", StringComparison.Ordinal));
        await agent.SaysAsync("app: 1.0.0 is not installed again");

        await PublishImageAsync(rig, "1.1.0");

        await agent.SaysAsync("app: 1.1.0 starts when the machine is restarted");
        await BootAsync(rig, config, "app 1.1.0 starts from slot B");
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task An_image_in_its_slot_waits_for_consent()
    {
        await using var rig = await Rig.StartAsync();
        var config = WriteSlots(rig, """ "Mode": "soft", """);
        await PublishImageAsync(rig, "1.0.0");
        (await rig.InstallAsync("--config", config)).Succeeded();
        await BootAsync(rig, config, "app 1.0.0 starts from slot B");
        (await rig.AgentAsync("confirm", "app", "--config", config)).Succeeded();
        await PublishImageAsync(rig, "1.1.0");
        const string Waits = "app: 1.1.0 is downloaded and waits for consent (ota-agent consent app)";
        using (var first = RunningWatch.Start(rig, "--config", config))
        {
            await first.SaysAsync(Waits);
            Assert.Equal(0, (await first.EndAsync()).ExitCode);
        }
        // It says nothing twice, but what it finds at its start.
        using var agent = RunningWatch.Start(rig, "--config", config);
        await agent.SaysAsync(Waits);
        Assert.Contains("ota_slot=B\n", await File.ReadAllTextAsync(rig.PathOf("boot.env")), StringComparison.Ordinal);

        (await rig.AgentAsync("consent", "app", "--yes", "--config", config)).Succeeded();

        await agent.SaysAsync("app: 1.1.0 starts when the machine is restarted");
        await BootAsync(rig, config, "app 1.1.0 starts from slot A");
        Assert.Equal(0, (await agent.EndAsync()).ExitCode);
    }

    /// <summary>Settings of a device with two slots of 256 KiB, which a person has to confirm.</summary>
    private static string WriteSlots(Rig rig, string more = "")
    {
        foreach (var slot in new[] { "slot-a", "slot-b" })
            File.WriteAllBytes(rig.PathOf(slot), new byte[256 << 10]);
        var path = rig.PathOf("ota-agent.json");
        File.WriteAllText(
            path,
            $$"""
            {
              "Watch": { "PollSeconds": 1 },
              "Products": { "app": { {{more}}
                "Health": { "NeedsConfirmation": true, "MaxAttempts": 2 },
                "Slots": {
                  "A": "{{rig.PathOf("slot-a")}}", "B": "{{rig.PathOf("slot-b")}}",
                  "Bootloader": "simulated", "Environment": "{{rig.PathOf("boot.env")}}"
                }
              } }
            }
            """);
        return path;
    }

    private static async Task PublishImageAsync(Rig rig, string version)
    {
        var tree = Directory.CreateDirectory(rig.PathOf($"image-{version}")).FullName;
        await File.WriteAllBytesAsync(
            Path.Combine(tree, "firmware.img"), SampleTree.Noise(version[2], 90_000));
        (await rig.PublishAsync(tree, version)).Succeeded();
    }

    private static async Task BootAsync(Rig rig, string config, string start)
    {
        var run = await rig.AgentAsync("boot", "app", "--config", config);
        Assert.StartsWith(start, run.Succeeded().Out, StringComparison.Ordinal);
    }
}
