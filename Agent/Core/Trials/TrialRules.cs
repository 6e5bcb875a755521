using System.Globalization;
using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>The fate of a release on trial.</summary>
/// <param name="IsPassed">True when it is kept.</param>
/// <param name="Failure">Why it is not; null when it is kept, or when it is too early to say.</param>
internal readonly record struct TrialVerdict(bool IsPassed, string? Failure)
{
    /// <summary>True when the trial goes on.</summary>
    public bool IsOpen => !IsPassed && Failure is null;
}

/// <summary>The rules of a trial, without clock, disk or program.</summary>
/// <remarks>The clock may jump and the machine may be off for a year: only time that the machine runs counts. A machine
/// that boots again and again does not get a new deadline for ever, because boots are counted as well.</remarks>
internal static class TrialRules
{
    /// <summary>The boot of a release that runs only once the machine is restarted.</summary>
    public const string NextBoot = "next";

    /// <summary>Begins a trial.</summary>
    /// <param name="policy">The proofs that are asked for.</param>
    /// <param name="from">The release to go back to; null for none.</param>
    /// <param name="previousOfFrom">The release that <paramref name="from"/> could go back to; null for none.</param>
    /// <param name="now">This moment.</param>
    public static Trial Begin(HealthPolicy policy, Digest? from, Digest? previousOfFrom, BootTime now) => new()
    {
        Policy = policy,
        From = from,
        PreviousOfFrom = previousOfFrom,
        BootId = now.BootId,
        StartedSeconds = now.UptimeSeconds,
    };

    /// <summary>Notes that the machine was booted since, if it was. The deadline of a release that waited for that
    /// begins when it is first seen running.</summary>
    public static Trial At(Trial trial, BootTime now) => trial.BootId == now.BootId
        ? trial
        : trial with
        {
            BootId = now.BootId,
            StartedSeconds = trial.BootId == NextBoot ? now.UptimeSeconds : 0,
            Boots = trial.Boots + 1,
        };

    /// <summary>Takes over what is known of the program's starts.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="launches">Its starts; null for none.</param>
    public static Trial With(Trial trial, LaunchRecord? launches) => launches is null
        ? trial
        : trial with
        {
            HasStarted = trial.HasStarted || launches.HasStarted,
            FailedStarts = launches.Failed,
            StartFailure = launches.Failure,
        };

    /// <summary>Returns how long the trial may go on, seconds.</summary>
    public static long RemainingSeconds(Trial trial, BootTime now) =>
        Math.Max(0, trial.Policy.DeadlineSeconds - (now.UptimeSeconds - trial.StartedSeconds));

    /// <summary>Judges by what is known at this moment.</summary>
    public static TrialVerdict Judge(Trial trial, BootTime now)
    {
        var missing = FindMissing(trial);
        if (missing is null)
            return new TrialVerdict(true, null);
        if (trial.Policy.NeedsStart && !trial.HasStarted && trial.FailedStarts >= trial.Policy.MaxStarts)
            return Failed($"its program was started {Times(trial.FailedStarts)} and {trial.StartFailure}");
        if (trial.Boots > trial.Policy.MaxAttempts)
            return Failed($"the machine was booted {Times(trial.Boots)} and {missing}");
        if (trial.Checks > trial.Policy.MaxAttempts)
            return Failed($"its health check was started {Times(trial.Checks - 1)} and never ended");
        return RemainingSeconds(trial, now) == 0
            ? Failed($"{missing} within {trial.Policy.DeadlineSeconds} s")
            : default;
    }

    private static TrialVerdict Failed(string failure) => new(false, failure);

    private static string? FindMissing(Trial trial) =>
        trial.Policy.Command.Count > 0 && !trial.HasPassedCommand ? "its health check did not succeed"
        : trial.Policy.NeedsStart && !trial.HasStarted ? "its program did not run"
        : trial.Policy.NeedsConfirmation && !trial.IsConfirmed ? "nobody confirmed it"
        : null;

    private static string Times(int count) =>
        count == 1 ? "once" : count.ToString(CultureInfo.InvariantCulture) + " times";
}
