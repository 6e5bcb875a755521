using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Destinations.Tree;

/// <summary>Releases that share files by name: what that saves, and what it must never change.</summary>
public sealed class LinkedFilesTests : IDisposable
{
    private static readonly byte[] Large = TestRelease.Random(1, 60_000);
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Files_that_do_not_change_are_one_file_in_both_releases()
    {
        var second = Release("1.1.0", 2, "other");
        await UpgradeAsync(Release("1.0.0", 1, "text"), second);

        _rig.AssertCurrent(second);
        Assert.Equal(InodeOf("1.0.0", "lib/large"), InodeOf("1.1.0", "lib/large"));
        Assert.Equal(InodeOf("1.0.0", "bin/run"), InodeOf("1.1.0", "bin/run"));
        Assert.NotEqual(InodeOf("1.0.0", "text"), InodeOf("1.1.0", "text"));
    }

    [Fact]
    public async Task Without_being_asked_for_nothing_is_linked()
    {
        await UpgradeAsync(Release("1.0.0", 1, "text"), Release("1.1.0", 2, "other"), LinkMode.Reflink);

        Assert.NotEqual(InodeOf("1.0.0", "lib/large"), InodeOf("1.1.0", "lib/large"));
    }

    [Fact]
    public async Task A_file_whose_mode_changes_is_copied_and_the_old_one_keeps_its_mode()
    {
        var first = new TestRelease("1.0.0", 1).File("tool", Large, executable: true);
        var second = new TestRelease("1.1.0", 2).File("tool", Large, executable: false);
        await UpgradeAsync(first, second);

        _rig.AssertCurrent(second);
        Assert.True(StatusOf("1.0.0", "tool").IsExecutable);
    }

    [Fact]
    public async Task A_damaged_file_is_not_linked_and_not_put_right_behind_the_old_release()
    {
        var (first, second) = (Release("1.0.0", 1, "text"), Release("1.1.0", 2, "other"));
        await InstallAsync(first);
        var damaged = Path.Combine(_rig.Product.ReleaseOf("1.0.0"), "lib/large");
        Scribble(damaged);
        var before = File.ReadAllBytes(damaged);
        _rig.Source.Publish(second, 2);

        await _rig.UpdateAsync(link: LinkMode.Hardlink);

        _rig.AssertCurrent(second);
        Assert.Equal(before, File.ReadAllBytes(damaged));
    }

    [Fact]
    public async Task A_linked_file_damaged_while_a_run_was_interrupted_is_made_anew()
    {
        var (first, second) = (Release("1.0.0", 1, "text"), Release("1.1.0", 2, "other"));
        await InstallAsync(first);
        _rig.Source.Publish(second, 2);
        _rig.Source.BeforeFrame = _ => throw new OperationCanceledException();
        await Assert.ThrowsAsync<OperationCanceledException>(() => _rig.UpdateAsync(link: LinkMode.Hardlink));
        var damaged = Path.Combine(_rig.Product.ReleaseOf("1.0.0"), "lib/large");
        Assert.Equal(2, Fs.FindStatus(damaged)!.Value.Links);
        Scribble(damaged);
        var before = File.ReadAllBytes(damaged);
        _rig.Source.BeforeFrame = null;

        await _rig.UpdateAsync(link: LinkMode.Hardlink);

        _rig.AssertCurrent(second);
        Assert.Equal(before, File.ReadAllBytes(damaged));
    }

    private static TestRelease Release(string version, ulong counter, string text) => new TestRelease(version, counter)
        .File("bin/run", "#!/bin/sh\n"u8.ToArray(), executable: true).File("lib/large", Large).File("text", text);

    private static void Scribble(string path)
    {
        using var file = File.OpenWrite(path);
        file.Position = 30_000;
        file.Write("scribble"u8);
    }

    private async Task InstallAsync(TestRelease release)
    {
        _rig.Source.Publish(release, 1);
        await _rig.UpdateAsync();
    }

    private async Task UpgradeAsync(TestRelease first, TestRelease second, LinkMode link = LinkMode.Hardlink)
    {
        await InstallAsync(first);
        _rig.Source.Publish(second, 2);
        await _rig.UpdateAsync(link: link);
    }

    private FileStatus StatusOf(string version, string path) =>
        Fs.FindStatus(Path.Combine(_rig.Product.ReleaseOf(version), path))!.Value;

    private ulong InodeOf(string version, string path) => StatusOf(version, path).Inode;
}
