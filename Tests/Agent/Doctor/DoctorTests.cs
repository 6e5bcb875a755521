using ChunkOta.Agent;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Doctor;

/// <summary>The doctor names each fault with its fix, goes on after it, and changes nothing unless it is asked
/// to.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_sound_device_has_no_errors()
    {
        await InstallAsync();

        var report = await _rig.Installed.DiagnoseAsync();

        Assert.Null(report.Error);
        Assert.Equal(
            ["home", "permissions", "disk", "inodes", "file system", "key", "clock", "release", "trust"],
            report.Findings.Select(finding => finding.Name));
        Assert.All(report.Findings, finding => Assert.NotEqual(FindingLevel.Error, finding.Level));
    }

    [Fact]
    public async Task Before_the_first_install_there_is_nothing_to_examine()
    {
        var agent = new UpdateAgent(new AgentOptions { Home = Path.Combine(_rig.Folder, "none") }, _rig.Clock);

        var report = await agent.DiagnoseAsync();

        Assert.Equal(FindingLevel.Warning, Assert.Single(report.Findings).Level);
        Assert.False(Directory.Exists(Path.Combine(_rig.Folder, "none")));
    }

    [Fact]
    public async Task Damage_is_an_error_whose_fix_is_repair()
    {
        await InstallAsync();
        File.WriteAllText(Path.Combine(_rig.Current, "file"), "TEXT");

        var report = await _rig.Installed.DiagnoseAsync("editor");

        Assert.Equal("NOT_AS_INSTALLED", report.Error!.Code);
        var finding = Assert.Single(report.Findings, finding => finding.Name == "release");
        Assert.Equal("editor", finding.Product);
        Assert.Equal("1.0.0 is damaged, 1 in all: file: other content", finding.Text);
        Assert.Equal("run ota-agent repair editor", finding.Fix);
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_does_not_end_the_examination()
    {
        await InstallAsync();
        foreach (var file in new[] { "state.a", "state.b" })
            File.WriteAllText(Path.Combine(_rig.Product.Root, file), "torn");
        File.WriteAllText(_rig.Home.DeviceKeyPath, "torn");
        File.SetUnixFileMode(_rig.Home.DeviceKeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        var report = await _rig.Installed.DiagnoseAsync();

        Assert.Equal(
            ["key KEY_INVALID", "record IO_ERROR"],
            report.Findings.Where(finding => finding.Level == FindingLevel.Error)
                .Select(finding => $"{finding.Name} {finding.Code}"));
        Assert.Equal("IO_ERROR", report.Error!.Code);
    }

    [Fact]
    public async Task A_clock_that_is_behind_is_named()
    {
        await InstallAsync();
        _rig.Clock.Now = DateTimeOffset.UnixEpoch;

        var report = await _rig.Installed.DiagnoseAsync();

        Assert.Equal(
            "CLOCK_SKEW", Assert.Single(report.Findings, finding => finding.Name == "clock").Code);
    }

    [Fact]
    public async Task An_expired_pointer_is_an_error()
    {
        await InstallAsync();
        _rig.Clock.Now += TimeSpan.FromDays(4000);

        Assert.Equal(
            "EXPIRED", Assert.Single((await _rig.Installed.DiagnoseAsync()).Findings, finding =>
                finding.Name == "trust" && finding.Level == FindingLevel.Error).Code);
    }

    [Fact]
    public async Task Only_with_fix_it_puts_right_what_is_safe()
    {
        await InstallAsync();
        var left = Path.Combine(_rig.Home.StateDirectory, ".trust.a.999999999-1.tmp");
        var mine = Path.Combine(_rig.Product.Manifests, $".x.{Environment.ProcessId}-1.tmp");
        File.WriteAllText(left, "");
        File.WriteAllText(mine, "");
        DeviceKey.OpenOrCreate(_rig.Home).Dispose();
        var open = File.GetUnixFileMode(_rig.Home.DeviceKeyPath) | UnixFileMode.OtherRead;
        File.SetUnixFileMode(_rig.Home.DeviceKeyPath, open);
        var state = _rig.States.Get("editor");
        _rig.States.Save(state with
        {
            Pending = new PendingSwitch("upgrade", state.Current, state.CurrentRelease!, 1),
        });

        var report = await _rig.Installed.DiagnoseAsync();
        Assert.Equal("KEY_EXPOSED", report.Error!.Code);
        Assert.Equal(
            ["leftovers", "switch"],
            report.Findings.Where(finding => finding.Fix == "run ota-agent doctor --fix"
                && finding.Level == FindingLevel.Warning).Select(finding => finding.Name));
        Assert.True(File.Exists(left));
        Assert.True(File.Exists(mine));
        Assert.Equal(open, File.GetUnixFileMode(_rig.Home.DeviceKeyPath));

        report = await _rig.Installed.DiagnoseAsync(fixes: true);
        Assert.Equal(
            ["permissions", "leftovers", "switch"],
            report.Findings.Where(finding => finding.IsFixed).Select(finding => finding.Name));
        Assert.False(File.Exists(left));
        Assert.Null(_rig.States.Get("editor").Pending);
        // There is a key now, and no server.
        Assert.Equal(
            ["server"],
            (await _rig.Installed.DiagnoseAsync()).Findings.Where(finding => finding.Level == FindingLevel.Error)
                .Select(finding => finding.Name));
    }

    [Fact]
    public async Task A_product_in_slots_is_examined_as_one_and_its_interrupted_switch_finished()
    {
        using var slots = new SlotRig();
        await slots.RunAsync(SlotRig.Image("1.0.0", 1, TestRelease.Random(1, 30_000)), 1);
        var before = slots.State;

        var report = await slots.Rig.Installed.DiagnoseAsync("editor");

        Assert.Equal(FindingLevel.Ok, Assert.Single(report.Findings, finding => finding.Name == "release").Level);
        slots.Rig.Source.Publish(SlotRig.Image("1.1.0", 2, TestRelease.Random(2, 30_000)), 2);
        await slots.Rig.UpdateAsync();
        var after = slots.State;
        // As a kill leaves it after the choice of the boot loader, before the record.
        slots.Rig.States.Save(before with
        {
            Pending = new PendingSwitch("upgrade", before.Current, after.CurrentRelease!, 1, after.Trial),
        });

        await slots.Rig.Installed.DiagnoseAsync("editor", fixes: true);

        Assert.Equal(after.Trial?.Id, slots.State.Trial?.Id);
        Assert.Equal("1.1.0", slots.State.CurrentRelease?.Version);
    }

    [Theory]
    [InlineData("")]
    [InlineData("editor")]
    [InlineData("editor/releases")]
    [InlineData("editor/manifests")]
    [InlineData(".state")]
    public async Task A_folder_that_every_user_can_write_to_is_an_error_that_is_fixed(string folder)
    {
        await InstallAsync();
        var path = Path.TrimEndingDirectorySeparator(Path.Combine(_rig.Home.Root, folder));
        File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);

        var fault = Assert.Single(
            (await _rig.Installed.DiagnoseAsync()).Findings, finding => finding.Level == FindingLevel.Error);
        Assert.Equal($"every user can write to {path}, and so replace what is installed", fault.Text);
        Assert.Equal("run ota-agent doctor --fix", fault.Fix);

        Assert.Contains(
            (await _rig.Installed.DiagnoseAsync(fixes: true)).Findings,
            finding => finding.IsFixed && finding.Name == "permissions");
        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(path));
        Assert.Null((await _rig.Installed.DiagnoseAsync()).Error);
    }

    private async Task InstallAsync()
    {
        _rig.Source.Publish(new TestRelease("1.0.0", 1).File("file", "text"), 1);
        await _rig.UpdateAsync();
    }
}
