using System.Globalization;
using System.Text;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>The one <c>watch</c> of a home, and the way to wake it.</summary>
internal sealed class WatchLock : IDisposable
{
    private const int MaxIdBytes = 32;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly FileLock _held;

    private WatchLock(FileLock held) => _held = held;

    /// <summary>Becomes the one <c>watch</c> of a home.</summary>
    /// <param name="home">The home; made already.</param>
    /// <param name="clock">Paces the tries: another command holds the lock for a moment when it asks for us.</param>
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
                        ErrorCodes.Busy, $"another ota-agent watch looks after {home.Root}: stop it first", e);
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
            using var free = FileLock.Acquire(home.WatchLockPath);
            return false;
        }
        catch (FileSystemException e) when (e.Code == ErrorCodes.Busy)
        {
            return DurableFile.FindBytes(home.WatchIdPath, MaxIdBytes) is { } text
                && int.TryParse(
                    Encoding.ASCII.GetString(text), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && OtherProcess.TryHangUp(id);
        }
    }

    /// <summary>Lets another process be the <c>watch</c> of the home.</summary>
    public void Dispose() => _held.Dispose();

    private static WatchLock WithId(AgentHome home, FileLock held)
    {
        try
        {
            var id = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            AtomicFile.Replace(home.WatchIdPath, Encoding.ASCII.GetBytes(id));
            return new WatchLock(held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }
}
