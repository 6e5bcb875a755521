using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Activation.Bootloader;

/// <summary>The environments of real boot loaders, through their own tools.</summary>
public sealed class BootloaderTests : IDisposable
{
    private readonly SlotRig _slots = new();

    private string Environment => Path.Combine(_slots.Rig.Folder, "environment");

    public void Dispose() => _slots.Dispose();

    [FactIfInstalled("grub-editenv")]
    public async Task An_image_is_installed_started_and_kept_with_GRUB()
    {
        UseGrub();
        await InstallAndKeepAsync(StartGrub);
        Assert.Contains("saved_entry=debian", BootMachine.Tool("grub-editenv", Environment, "list"));
    }

    [FactIfInstalled("grub-editenv")]
    public async Task An_image_that_nobody_keeps_is_left_by_GRUB()
    {
        UseGrub();
        await FallBackAsync(StartGrub);
    }

    [FactIfInstalled("grub-editenv")]
    public void A_block_of_GRUB_is_the_old_or_the_new_one_wherever_its_change_ends()
    {
        for (var step = 1; ; step++)
        {
            UseGrub();
            var bootloader = _slots.Bootloader;
            var hasFailed = false;
            using (FaultPoint.Arm($"mode=eio;sticky;at={step};path={_slots.Rig.Folder}"))
            {
                try
                {
                    bootloader.Write(new BootPlan(SlotName.B, 3));
                }
                catch (FileSystemException)
                {
                    hasFailed = true;
                }
            }
            var plan = bootloader.Read();
            Assert.Contains(plan, new[] { new BootPlan(SlotName.A, null), new BootPlan(SlotName.B, 3) });
            if (!hasFailed)
            {
                Assert.Equal(new BootPlan(SlotName.B, 3), plan);
                Assert.InRange(step, 5, 12);
                return;
            }
        }
    }

    [FactIfInstalled("fw_setenv fw_printenv")]
    public async Task An_image_is_installed_started_and_kept_with_UBoot()
    {
        UseUBoot();
        await InstallAndKeepAsync(StartUBoot);
        Assert.Contains("bootdelay=2", BootMachine.Tool("fw_printenv", "-c", Environment));
    }

    [FactIfInstalled("fw_setenv fw_printenv")]
    public async Task An_image_that_nobody_keeps_is_left_by_UBoot()
    {
        UseUBoot();
        await FallBackAsync(StartUBoot);
    }

    [FactIfInstalled("fw_setenv fw_printenv")]
    public void An_environment_that_is_too_long_to_be_read_is_not_taken_for_one_without_a_choice()
    {
        UseUBoot(0x40000);
        _slots.Bootloader.Write(new BootPlan(SlotName.B, 3));
        var script = Path.Combine(_slots.Rig.Folder, "long");
        File.WriteAllLines(script, Enumerable.Range(0, 100).Select(i => $"z{i:000}={new string('x', 1000)}"));
        BootMachine.Tool("fw_setenv", "-c", Environment, "-s", script);

        var failure = Assert.ThrowsAny<ChunkOtaException>(() => _slots.Bootloader.Read());

        Assert.Equal(ErrorCodes.IoError, failure.Code);
    }

    [FactIfInstalled("grub-editenv " + GrubMachine.Needs)]
    public async Task GRUB_starts_an_image_by_the_script_of_the_guide_until_it_is_kept()
    {
        UseGrub();
        var machine = new GrubMachine(_slots.Rig.Folder, GrubScript());
        await InstallAndKeepAsync(
            () => FollowKernel(machine.Start(Environment), "PARTLABEL=slot-a", "PARTLABEL=slot-b"));
        FollowKernel(machine.Start(Environment), "PARTLABEL=slot-a", "PARTLABEL=slot-b");
        Assert.Equal(new BootPlan(SlotName.B, null), _slots.Bootloader.Read());
        Assert.Contains("saved_entry=debian", BootMachine.Tool("grub-editenv", Environment, "list"));
    }

    [FactIfInstalled("grub-editenv " + GrubMachine.Needs)]
    public async Task GRUB_leaves_an_image_that_nobody_keeps_by_the_script_of_the_guide()
    {
        UseGrub();
        var machine = new GrubMachine(_slots.Rig.Folder, GrubScript());
        await FallBackAsync(
            () => FollowKernel(machine.Start(Environment), "PARTLABEL=slot-a", "PARTLABEL=slot-b"));
    }

    [FactIfInstalled(UBootMachine.Needs)]
    public async Task UBoot_starts_an_image_by_the_variables_of_the_guide_until_it_is_kept()
    {
        var machine = new UBootMachine(_slots.Rig.Folder, UBootVariables(), Environment);
        Use(SlotSettings.UBoot, "chunkota.slot=A");
        await InstallAndKeepAsync(() => FollowKernel(machine.Start(), "/dev/mmcblk0p2", "/dev/mmcblk0p3"));
        FollowKernel(machine.Start(), "/dev/mmcblk0p2", "/dev/mmcblk0p3");
        Assert.Equal(new BootPlan(SlotName.B, null), _slots.Bootloader.Read());
    }

    [FactIfInstalled(UBootMachine.Needs)]
    public async Task UBoot_leaves_an_image_that_nobody_keeps_by_the_variables_of_the_guide()
    {
        var machine = new UBootMachine(_slots.Rig.Folder, UBootVariables(), Environment);
        Use(SlotSettings.UBoot, "chunkota.slot=A");
        await FallBackAsync(() => FollowKernel(machine.Start(), "/dev/mmcblk0p2", "/dev/mmcblk0p3"));
    }

    [Fact]
    public void A_kernel_that_is_not_told_its_slot_is_a_fault_of_the_configuration()
    {
        UseGrubWithoutTool("root=/dev/sda1 quiet");

        var failure = Assert.ThrowsAny<ChunkOtaException>(() => _slots.Bootloader.FindRunning());

        Assert.Equal(ErrorCodes.ConfigInvalid, failure.Code);
        UseGrubWithoutTool("root=/dev/sda1 chunkota.slot=B quiet\n");
        Assert.Equal(SlotName.B, _slots.Bootloader.FindRunning());
        _slots.Bootloader.NoteRunning(SlotName.A);
        Assert.Equal(SlotName.A, _slots.Bootloader.FindRunning());
    }

    [FactIfInstalled("grub-editenv")]
    public void A_link_to_the_block_of_GRUB_stays_one()
    {
        UseGrub();
        var block = Path.Combine(_slots.Rig.Folder, "efi-block");
        File.Move(Environment, block);
        File.CreateSymbolicLink(Environment, "efi-block");

        _slots.Bootloader.Write(new BootPlan(SlotName.B, 3));

        Assert.Equal("efi-block", new FileInfo(Environment).LinkTarget);
        Assert.Contains("ota_slot=B", BootMachine.Tool("grub-editenv", block, "list"));
    }

    [FactIfInstalled("grub-editenv")]
    public void A_block_that_GRUB_cannot_read_is_named()
    {
        UseGrub();
        File.WriteAllText(Environment, "");

        var failure = Assert.ThrowsAny<ChunkOtaException>(() => _slots.Bootloader.Read());

        Assert.Equal(ErrorCodes.IoError, failure.Code);
        Assert.Contains("grub-editenv", failure.Message);
    }

    [FactIfInstalled("grub-script-check")]
    public void The_script_for_GRUB_is_one()
    {
        var script = Path.Combine(_slots.Rig.Folder, "grub.cfg");
        File.WriteAllText(script, GrubScript());

        BootMachine.Tool("grub-script-check", script);
    }

    private static string GrubScript() => Guide().Split("```grub\n")[1].Split("```")[0];

    private static string UBootVariables() => Guide().Split("## U-Boot\n")[1].Split("```\n")[1];

    private static string Guide() => File.ReadAllText(Repository.PathOf("docs/firmware.md"));

    private async Task InstallAndKeepAsync(Action start)
    {
        var release = SlotRig.Image("1.0.0", 1, TestRelease.Random(1, 30_000));
        _slots.Rig.Source.Publish(release, 1);
        Assert.Equal(UpdateState.OnTrial, (await _slots.Rig.UpdateAsync()).State);
        Assert.Equal(new BootPlan(SlotName.B, 2), _slots.Bootloader.Read());

        start();
        await _slots.Rig.UpdateAsync();

        Assert.Equal(new BootPlan(SlotName.B, null), _slots.Bootloader.Read());
        _slots.AssertRuns(release);
    }

    private async Task FallBackAsync(Action start)
    {
        _slots.Rig.Source.Publish(SlotRig.Image("1.0.0", 1, TestRelease.Random(1, 30_000)), 1);
        await _slots.Rig.UpdateAsync();
        start();
        Assert.Equal(SlotName.B, _slots.Bootloader.FindRunning());
        start();
        start();
        Assert.Equal(SlotName.A, _slots.Bootloader.FindRunning());
        var store = new SlotStore(_slots.Rig.Product);
        store.Save(store.Load() with { ChosenIn = "an earlier start" });

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _slots.Rig.UpdateAsync());

        Assert.Equal(ErrorCodes.HealthFailed, failure.Code);
        Assert.Equal(new BootPlan(SlotName.A, null), _slots.Bootloader.Read());
        Assert.Equal(UpdateState.Rejected, (await _slots.Rig.UpdateAsync()).State);
    }

    /// <summary>The machine runs, started by that command line.</summary>
    private void FollowKernel(string commandLine, string rootOfA, string rootOfB)
    {
        File.WriteAllText(_slots.Slots.KernelCommandLine, commandLine);
        var root = _slots.Bootloader.FindRunning() == SlotName.A ? rootOfA : rootOfB;
        Assert.Contains($"root={root} ro panic=10 chunkota.slot=", commandLine);
    }

    private void UseGrub()
    {
        File.Delete(Environment);
        BootMachine.Tool("grub-editenv", Environment, "create");
        BootMachine.Tool("grub-editenv", Environment, "set", "saved_entry=debian", "ota_slot=A", "ota_tries=kept");
        UseGrubWithoutTool("chunkota.slot=A");
    }

    private void UseGrubWithoutTool(string commandLine) => Use(SlotSettings.Grub, commandLine);

    private void UseUBoot(int bytes = 0x4000)
    {
        var (one, other) = (Path.Combine(_slots.Rig.Folder, "env1"), Path.Combine(_slots.Rig.Folder, "env2"));
        foreach (var copy in new[] { one, other })
            File.WriteAllBytes(copy, new byte[bytes]);
        File.WriteAllText(Environment, $"{one} 0x0 0x{bytes:x}\n{other} 0x0 0x{bytes:x}\n");
        var script = Path.Combine(_slots.Rig.Folder, "first");
        File.WriteAllText(script, "bootdelay=2\n");
        BootMachine.Tool("fw_setenv", "-c", Environment, "-f", script, "-s", script);
        Use(SlotSettings.UBoot, "chunkota.slot=A");
    }

    private void Use(string bootloader, string commandLine)
    {
        var file = Path.Combine(_slots.Rig.Folder, "cmdline");
        File.WriteAllText(file, commandLine);
        _slots.Slots = _slots.Slots with
        {
            Bootloader = bootloader,
            Environment = Environment,
            KernelCommandLine = file,
            RunFolder = Path.Combine(_slots.Rig.Folder, "run"),
        };
    }

    /// <summary>Does what the script of docs/firmware.md does.</summary>
    private void StartGrub()
    {
        var plan = _slots.Bootloader.Read().Start();
        BootMachine.Tool("grub-editenv", Environment, "set", $"ota_slot={plan.First}", $"ota_tries={plan.TriesText}");
        File.WriteAllText(_slots.Slots.KernelCommandLine, $"chunkota.slot={plan.First}");
    }

    private void StartUBoot()
    {
        var plan = _slots.Bootloader.Read().Start();
        _slots.Bootloader.Write(plan);
        File.WriteAllText(_slots.Slots.KernelCommandLine, $"chunkota.slot={plan.First}");
    }
}
