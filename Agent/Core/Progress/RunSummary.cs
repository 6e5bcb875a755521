using System.Globalization;
using System.Text.Json.Serialization;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The last run of a product: what it does, what it waits for, or how it ended.</summary>
public sealed record RunSummary
{
    /// <summary>The stage: <c>idle</c>, <c>checking</c>, <c>planning</c>, <c>downloading</c>, <c>assembling</c>,
    /// <c>staged</c>, <c>activating</c>, <c>verifying</c>, <c>committed</c>, <c>rolling_back</c>, <c>rolled_back</c> or
    /// <c>blocked</c>.</summary>
    public required UpdateStage Stage { get; init; }

    /// <summary>True while a process makes the run.</summary>
    public required bool IsRunning { get; init; }

    /// <summary>The version to be installed; left out before it is known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Version { get; init; }

    /// <summary>The stage that waits, or at which the run was blocked; left out when there is no cause.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UpdateStage? At { get; init; }

    /// <summary>The part to look at when it waits or failed: <c>dns</c>, <c>connect</c>, <c>proxy</c>, <c>tls</c>,
    /// <c>clock</c>, <c>auth</c>, <c>quota</c>, <c>disk</c>, <c>inodes</c>, <c>verify</c>, <c>server</c>,
    /// <c>too_slow</c> or <c>other</c>; left out when nothing is wrong.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Cause { get; init; }

    /// <summary>The error code of the failure; left out when nothing is wrong.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Code { get; init; }

    /// <summary>The failure in one line; left out when nothing is wrong.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Message { get; init; }

    /// <summary>Bytes of the stage that are done, as of <see cref="ChangedUnixSeconds"/>.</summary>
    public long DoneBytes { get; init; }

    /// <summary>Bytes of the stage in all; 0 when not known.</summary>
    public long TotalBytes { get; init; }

    /// <summary>The rate, bytes a second; 0 when not known.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>When this was noted by the device's clock, Unix seconds. A download notes its bytes about twice a
    /// minute.</summary>
    public long ChangedUnixSeconds { get; init; }

    /// <summary>Describes the run in one line for people; null when there is nothing to say.</summary>
    public string? Describe()
    {
        if (this is { Stage: UpdateStage.Idle or UpdateStage.Committed, Cause: null })
            return null;
        var stage = Spaced(Stage.ToWord());
        var version = Version is null ? "" : $" {OneLine.Of(Version)}";
        var failure = Cause is null ? "" : $" ({Spaced(Cause)}): {Code}: {OneLine.Of(Message ?? "")}";
        if (this is { IsRunning: false, Stage: UpdateStage.Blocked or UpdateStage.RolledBack })
            return $"{stage}{version}{failure}";
        var share = TotalBytes > 0 ? 100.0 * DoneBytes / TotalBytes : 0;
        var bytes = TotalBytes > 0
            ? string.Create(CultureInfo.InvariantCulture, $", {share:0} % of {SizeText.Of(TotalBytes)}")
            : "";
        if (!IsRunning)
            return Stage == UpdateStage.Verifying ? null : $"stopped while {stage}{version}{bytes}";
        return failure.Length > 0
            ? $"{stage}{version}{bytes}: waiting{failure}"
            : $"{stage}{version}{bytes}";
    }

    /// <summary>A trial ends after its run, by a confirmation or a later check.</summary>
    private static UpdateStage StageNow(RunRecord record, ProductState? state) =>
        record.Stage != UpdateStage.Verifying || state is not { Trial: null } ? record.Stage
        : state.Rejected.Any(rejected => rejected.Version == record.Version) ? UpdateStage.RolledBack
        : UpdateStage.Committed;

    private static string Spaced(string word) => OneLine.Of(word.Replace('_', ' '));

    /// <summary>Reads the summary of the last run; null when there was none. It needs no lock.</summary>
    /// <param name="home">The product's folder.</param>
    /// <param name="state">The record of what is installed: it says what became of a trial after the run.</param>
    internal static RunSummary? Find(ProductHome home, ProductState? state)
    {
        if (RunJournal.Find(home) is not { } record)
            return null;
        var isRunning = record.Process?.IsAlive == true;
        return new RunSummary
        {
            Stage = isRunning ? record.Stage : StageNow(record, state),
            IsRunning = isRunning,
            Version = record.Version,
            At = record.Cause is null ? null : record.At,
            Cause = record.Cause,
            Code = record.Code,
            Message = record.Text,
            DoneBytes = record.DoneBytes,
            TotalBytes = record.TotalBytes,
            BytesPerSecond = record.BytesPerSecond,
            ChangedUnixSeconds = record.ChangedUnixSeconds,
        };
    }
}
