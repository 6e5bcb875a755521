using ChunkOta.Chunking;

namespace ChunkOta.Server.Core;

/// <summary>Releases that devices complain of. Each is given out once for any number of complaints, and again after a
/// pause if another complaint came meanwhile: the store may have rotted since.</summary>
/// <remarks>Any number of callers add; one takes.</remarks>
/// <param name="clock">The server's clock.</param>
internal sealed class SuspectQueue(TimeProvider clock)
{
    /// <summary>Releases that are remembered; further ones are dropped while none of these is done.</summary>
    public const int MaxSuspects = 64;

    /// <summary>The time after which a release is given out again.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, Suspect> _suspects = [];
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Adds a complaint.</summary>
    public void Add(Digest manifest)
    {
        lock (_gate)
        {
            if (!_suspects.TryGetValue(manifest, out var known) && _suspects.Count >= MaxSuspects) Forget();
            if (known is null && _suspects.Count >= MaxSuspects) return;
            _suspects[manifest] = new Suspect(known?.Taken, IsWaiting: true);
            _added.TrySetResult();
        }
    }

    /// <summary>Takes the next release, as soon as there is one.</summary>
    public async Task<Digest> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Find(out var due, out var added) is { } manifest) return manifest;
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(added, Task.Delay(due, clock, waiting.Token));
            await waiting.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <param name="due">The time until one may be taken; infinite if none waits.</param>
    /// <param name="added">Ends with the next complaint.</param>
    private Digest? Find(out TimeSpan due, out Task added)
    {
        due = Timeout.InfiniteTimeSpan;
        lock (_gate)
        {
            if (_added.Task.IsCompleted)
                _added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            added = _added.Task;
            foreach (var (manifest, suspect) in _suspects.Where(suspect => suspect.Value.IsWaiting))
            {
                var left = suspect.Taken is { } taken ? Pause - clock.GetElapsedTime(taken) : TimeSpan.Zero;
                if (left <= TimeSpan.Zero)
                {
                    _suspects[manifest] = new Suspect(clock.GetTimestamp(), IsWaiting: false);
                    return manifest;
                }

                if (due == Timeout.InfiniteTimeSpan || left < due) due = left;
            }
        }

        return null;
    }

    private void Forget()
    {
        foreach (var (manifest, suspect) in _suspects)
        {
            if (!suspect.IsWaiting && clock.GetElapsedTime(suspect.Taken!.Value) >= Pause)
                _ = _suspects.Remove(manifest);
        }
    }

    /// <param name="Taken">The time that it was given out, as a timestamp of the clock; null: not yet.</param>
    /// <param name="IsWaiting">It was complained of since.</param>
    private sealed record Suspect(long? Taken, bool IsWaiting);
}
