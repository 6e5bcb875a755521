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
}
