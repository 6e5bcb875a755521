using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Wake;

public sealed class WatchLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_watch_that_cannot_leave_its_id_gives_the_lock_up()
    {
        var home = new AgentHome(_folder.Path);
        home.Make();
        Directory.CreateDirectory(home.WatchIdPath);

        await Assert.ThrowsAsync<FileSystemException>(
            () => WatchLock.AcquireAsync(home, TimeProvider.System, TestContext.Current.CancellationToken));
        Directory.Delete(home.WatchIdPath);

        Assert.False(FileLock.IsHeld(home.WatchLockPath));
        using var held = await WatchLock.AcquireAsync(
            home, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(FileLock.IsHeld(home.WatchLockPath));
    }

    [Fact]
    public async Task On_a_full_disk_a_watch_does_its_work_although_nobody_can_wake_it()
    {
        var home = new AgentHome(_folder.Path);
        home.Make();

        using (FaultPoint.Arm($"path={home.WatchIdPath};op=Rename;mode=enospc"))
        using (await WatchLock.AcquireAsync(home, TimeProvider.System, TestContext.Current.CancellationToken))
            Assert.False(WatchLock.TryWake(home));
    }

    [Fact]
    public void The_id_of_an_earlier_process_wakes_nobody()
    {
        var home = new AgentHome(_folder.Path);
        home.Make();
        using var held = FileLock.Acquire(home.WatchLockPath);
        using var other = System.Diagnostics.Process.Start("sleep", "60");
        File.WriteAllText(home.WatchIdPath, $"{RunningProcess.This.BootId} {other.Id} 1");

        Assert.False(WatchLock.TryWake(home));

        Assert.False(other.WaitForExit(200));
        other.Kill();
        other.WaitForExit();
    }
}
