namespace ChunkOta.Agent;

/// <summary>A phase of a run.</summary>
internal enum RunPhase
{
    /// <summary>Asking the server and verifying its answer.</summary>
    Check,

    /// <summary>Looking at what is on disk.</summary>
    Plan,

    /// <summary>Copying and fetching.</summary>
    Fetch,

    /// <summary>Hashing finished files.</summary>
    Verify,

    /// <summary>Making the release durable, and the switch.</summary>
    Activate,
}

/// <summary>Measures the phases of one run: each moment counts for the innermost open phase alone.</summary>
/// <param name="clock">The clock.</param>
internal sealed class PhaseTimer(TimeProvider clock)
{
    private readonly TimeSpan[] _spent = new TimeSpan[(int)RunPhase.Activate + 1];
    private readonly long _started = clock.GetTimestamp();
    private RunPhase? _open;
    private long _since;

    /// <summary>Opens a phase until the answer is disposed of; the phase that was open goes on then.</summary>
    public Scope Measure(RunPhase phase)
    {
        var scope = new Scope(this, _open);
        SwitchTo(phase);
        return scope;
    }

    /// <summary>Returns the duration of each phase so far, and of the whole run.</summary>
    public PhaseSeconds ToSeconds() => new()
    {
        Check = SecondsOf(RunPhase.Check),
        Plan = SecondsOf(RunPhase.Plan),
        Fetch = SecondsOf(RunPhase.Fetch),
        Verify = SecondsOf(RunPhase.Verify),
        Activate = SecondsOf(RunPhase.Activate),
        Total = clock.GetElapsedTime(_started).TotalSeconds,
    };

    private double SecondsOf(RunPhase phase) => _spent[(int)phase].TotalSeconds;

    private void SwitchTo(RunPhase? phase)
    {
        var now = clock.GetTimestamp();
        if (_open is { } open)
            _spent[(int)open] += clock.GetElapsedTime(_since, now);
        (_open, _since) = (phase, now);
    }

    /// <summary>An open phase.</summary>
    internal readonly struct Scope(PhaseTimer timer, RunPhase? outer) : IDisposable
    {
        /// <summary>Closes the phase.</summary>
        public void Dispose() => timer.SwitchTo(outer);
    }
}
