using System.Text;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>The one <c>watch</c> of a home, and the way to wake it.</summary>
internal sealed class WatchLock : IDisposable
{
    private const int MaxIdBytes = 256;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FileLock _held;

    private WatchLock(FileLock held) => _held = held;

    /// <summary>Becomes the one <c>watch</c> of a home.</summary>
    /// <param name="home">The home; made already.</param>
    /// <param name="clock">Paces the tries: a command that looks for the process holds the lock for a moment.</param>
    /// <exception cref="ChunkOtaException"><c>BUSY</c>: there is one already.</exception>
    public static async Task<WatchLock> AcquireAsync(
        AgentHome home, TimeProvider clock, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return WithId(home, FileLock.Acquire(home.WatchLockPath));
            }
            catch (FileSystemException e) when (e.Code == ErrorCodes.Busy)
            {
                if (clock.GetElapsedTime(started) > Timeout)
                {
                    throw new ChunkOtaException(
                        ErrorCodes.Busy, $"another ota-agent watch is running for {home.Root}: stop it first", e);
                }
                await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Wakes the <c>watch</c> of a home, which then looks at every product.</summary>
    /// <param name="home">The home.</param>
    /// <returns>False when there is none.</returns>
    public static bool TryWake(AgentHome home)
    {
        try
        {
            // The lock may be held by one that has not written its id yet: then this is the id of an earlier process.
            return FileLock.IsHeld(home.WatchLockPath)
                && DurableFile.FindBytes(home.WatchIdPath, MaxIdBytes) is { } text
                && RunningProcess.Find(Encoding.ASCII.GetString(text)) is { IsAlive: true } process
                && OtherProcess.TryHangUp(process.Id);
        }
        catch (ChunkOtaException)
        {
            // It looks at every product by itself, only later.
            return false;
        }
    }

    /// <summary>Lets another process be the <c>watch</c> of the home.</summary>
    public void Dispose() => _held.Dispose();

    private static WatchLock WithId(AgentHome home, FileLock held)
    {
        try
        {
            AtomicFile.Replace(home.WatchIdPath, Encoding.ASCII.GetBytes(RunningProcess.Self));
            return new WatchLock(held);
        }
        catch (FileSystemException e) when (e.Code == ErrorCodes.DiskFull)
        {
            // Nobody can wake it then: that must not keep it from its work.
            return new WatchLock(held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }
}
