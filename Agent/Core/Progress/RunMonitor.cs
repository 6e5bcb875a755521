using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Follows one run: its stage, its bytes, and what it waits for.</summary>
/// <remarks>Everything that tells of a run hears it from here: the caller's progress, the record that <c>status</c>
/// reads, and the server. One thread tells; <see cref="Latest"/> may be read by any.</remarks>
/// <param name="clock">Measures rates and paces tries.</param>
/// <param name="progress">Told the progress, if given.</param>
/// <param name="journal">Keeps the stage for other processes, if given.</param>
internal sealed class RunMonitor(
    TimeProvider clock, IProgress<UpdateProgress>? progress = null, RunJournal? journal = null)
{
    private readonly TransferRate _rate = new(clock);
    private readonly Lock _lock = new();
    private UpdateProgress _latest;

    /// <summary>The clock of the run.</summary>
    public TimeProvider Clock => clock;

    /// <summary>The latest progress.</summary>
    public UpdateProgress Latest
    {
        get
        {
            lock (_lock)
                return _latest;
        }
        private set
        {
            lock (_lock)
                _latest = value;
        }
    }

    /// <summary>Enters a stage.</summary>
    /// <param name="stage">The stage.</param>
    public void Enter(UpdateStage stage) => Tell(new UpdateProgress(stage));

    /// <summary>Tells that a stage got on.</summary>
    /// <param name="stage">The stage; it is entered if the run is in another one.</param>
    /// <param name="doneBytes">Bytes that are done.</param>
    /// <param name="totalBytes">Bytes in all.</param>
    public void Advance(UpdateStage stage, long doneBytes, long totalBytes)
    {
        var value = new UpdateProgress(stage, doneBytes, totalBytes);
        Tell(value with { BytesPerSecond = _rate.Observe(value) });
    }

    /// <summary>Tells the version that the run will install.</summary>
    /// <param name="version">The version.</param>
    public void AimAt(string version) => journal?.AimAt(version);

    /// <summary>Tells the plan, once.</summary>
    /// <param name="plan">The plan.</param>
    public void Planned(UpdatePlan plan) => Tell(new UpdateProgress(UpdateStage.Planning) { Plan = plan });

    /// <summary>Tells that the run waits before it tries again.</summary>
    /// <param name="failure">The failure of the last try.</param>
    /// <param name="isFirst">True for the first failure in a row: people get one line, not one for each.</param>
    public void Wait(ChunkOtaException failure, bool isFirst)
    {
        var cause = FailureCauses.Of(failure);
        journal?.Wait(Latest.Stage, cause, failure);
        Latest = Latest with { Cause = cause, BytesPerSecond = null };
        progress?.Report(Latest with
        {
            Note = isFirst ? $"{OneLine.Of(failure.Message)}: trying again" : null,
        });
    }

    private void Tell(UpdateProgress value)
    {
        Latest = value with { Plan = null };
        journal?.Follow(value);
        progress?.Report(value);
    }
}
