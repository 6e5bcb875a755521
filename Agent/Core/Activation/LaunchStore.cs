using System.Text.Json;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>The record of how often the current release's program was started during its trial.</summary>
/// <remarks>It has a lock of its own that is held for a moment only, so that a program starts while an update
/// runs.</remarks>
/// <param name="home">The product's folder.</param>
/// <param name="clock">Paces the wait for another process.</param>
internal sealed class LaunchStore(ProductHome home, TimeProvider clock)
{
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(10);

    private TwoGenerationFile Generations => new(Path.Combine(home.Launches, "record"), Permissions.Ordinary);

    /// <summary>Finds the record of a trial; null when nothing was started in it.</summary>
    /// <param name="trialId">The trial.</param>
    public LaunchRecord? Find(string trialId)
    {
        try
        {
            return Generations.Find() is { } payload
                && JsonSerializer.Deserialize(payload, AgentJson.Default.LaunchRecord) is { } record
                && record.TrialId == trialId ? record : null;
        }
        catch (Exception e) when (e is JsonException or ChunkOtaException)
        {
            // A damaged record is as good as none: the starts are counted anew.
            return null;
        }
    }

    /// <summary>Changes the record of a trial. When it returns, the change survives a power cut.</summary>
    /// <param name="trialId">The trial.</param>
    /// <param name="change">Makes the new record from the one that is there, or from an empty one.</param>
    /// <returns>The new record.</returns>
    /// <exception cref="ChunkOtaException"><c>BUSY</c>, <c>IO_ERROR</c>, <c>DISK_FULL</c>: nothing has
    /// changed.</exception>
    public async Task<LaunchRecord> ChangeAsync(string trialId, Func<LaunchRecord, LaunchRecord> change)
    {
        Fs.MakeDirectory(home.Launches, Permissions.Executable);
        using var held = await LockAsync().ConfigureAwait(false);
        TemporaryFile.RemoveLeftovers(home.Launches);
        var record = change(Find(trialId) ?? new LaunchRecord { TrialId = trialId });
        Generations.Write(JsonSerializer.SerializeToUtf8Bytes(record, AgentJson.Default.LaunchRecord));
        return record;
    }

    private async Task<FileLock> LockAsync()
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return FileLock.Acquire(Path.Combine(home.Launches, "lock"));
            }
            catch (FileSystemException e)
                when (e.Code == ErrorCodes.Busy && clock.GetElapsedTime(started) < LockTimeout)
            {
                await Task.Delay(LockPause, clock, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }
}
