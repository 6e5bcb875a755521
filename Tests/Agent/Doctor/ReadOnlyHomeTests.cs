using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Doctor;

/// <summary>A home that cannot be written: what only looks works, what changes something says why it cannot, and
/// nothing changes.</summary>
public sealed class ReadOnlyHomeTests : IDisposable
{
    private readonly AgentRig _rig = new();
    private readonly string _home;

    public ReadOnlyHomeTests()
    {
        _home = Path.Combine(_rig.Folder, "view");
        Directory.CreateDirectory(_home);
    }

    private UpdateAgent Agent => new(
        new AgentOptions { Home = _home, BuildTime = _rig.BuildTime }, _rig.Clock);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_home_that_is_mounted_read_only_is_examined_and_named()
    {
        await InstallAsync();
        var before = _rig.Snapshot();
        await using (await SmallDisk.BindReadOnlyAsync(_rig.Home.Root, _home))
        {
            foreach (var fixes in new[] { false, true })
                AssertNamed(await Agent.DiagnoseAsync(fixes: fixes), "Read-only file system");
            Assert.Equal("1.1.0", Agent.Get("editor").Current?.Version);
            AssertRefused("Read-only file system");
        }
        Assert.Equal(before, _rig.Snapshot());
    }

    [Fact]
    public async Task A_home_of_another_user_is_shown_and_not_changed()
    {
        await InstallAsync();
        File.SetUnixFileMode(_rig.Folder, (UnixFileMode)0b111_101_101);
        var before = _rig.Snapshot();
        await using (await SmallDisk.BindAsync(_rig.Home.Root, _home))
        {
            OtherUser.AsNobody(() =>
            {
                Assert.Equal("1.1.0", Agent.Get("editor").Current?.Version);
                AssertRefused("Permission denied");
            });
        }
        Assert.Equal(before, _rig.Snapshot());
    }

    private static bool IsError(DoctorFinding finding) => finding.Level == FindingLevel.Error;

    private static void AssertNamed(DoctorReport report, string why)
    {
        var fault = Assert.Single(report.Findings, IsError);
        Assert.Equal(("home", "IO_ERROR"), (fault.Name, fault.Code));
        Assert.Contains("cannot be written: ", fault.Text, StringComparison.Ordinal);
        Assert.Contains(why, fault.Text, StringComparison.Ordinal);
        Assert.Contains("mount it writable", fault.Fix, StringComparison.Ordinal);
        Assert.Equal("IO_ERROR", report.Error?.Code);
        Assert.Contains(report.Findings, finding => finding.Text == "1.1.0 is as installed");
    }

    private void AssertRefused(string why)
    {
        foreach (var change in (Action[])[
            () => Agent.Revert("editor"), () => Agent.Hold("editor"), () => Agent.Prune("editor", 1, isDryRun: false)])
        {
            var failure = Assert.Throws<FileSystemException>(change);
            Assert.Equal("IO_ERROR", failure.Code);
            Assert.Contains(why, failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', failure.Message);
        }
    }

    private async Task InstallAsync()
    {
        foreach (var (version, counter) in new[] { ("1.0.0", 1ul), ("1.1.0", 2ul) })
        {
            _rig.Source.Publish(new TestRelease(version, counter).File("file", version), counter);
            await _rig.UpdateAsync();
        }
    }
}
