using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The outcome of a run that succeeded.</summary>
[JsonConverter(typeof(UpdateStateJson))]
public enum UpdateState
{
    /// <summary>The release is current now and was not before.</summary>
    Installed,

    /// <summary>The release was current already.</summary>
    Unchanged,

    /// <summary>The release was current already, and damaged: it is as installed again.</summary>
    Repaired,

    /// <summary>A dry run: nothing was installed.</summary>
    Planned,

    /// <summary>The release is current, and is kept once it has proved that it works.</summary>
    OnTrial,

    /// <summary>The release is downloaded and complete, and not current yet.</summary>
    Staged,

    /// <summary>Nothing was done: a person holds the product at its release.</summary>
    Held,

    /// <summary>Nothing was done: this device has rejected the release.</summary>
    Rejected,
}

/// <summary>The result of an install or upgrade.</summary>
public sealed record UpdateResult : UpdateFigures
{
    /// <summary>Makes a result to be filled in.</summary>
    public UpdateResult()
    {
    }

    /// <summary>Makes a result that begins with figures at hand.</summary>
    [SetsRequiredMembers]
    internal UpdateResult(UpdateFigures figures, UpdateState state)
        : base(figures) => State = state;

    /// <summary><c>installed</c>, <c>on_trial</c>, <c>unchanged</c>, <c>repaired</c>, <c>staged</c>, <c>held</c>,
    /// <c>rejected</c>, or in a dry run <c>planned</c>.</summary>
    public required UpdateState State { get; init; }

    /// <summary>Bytes of the release that were downloaded, or in a dry run would be: of the delta, and of chunks before
    /// compression. The run after a dry run reports the same number, unless the server's deltas change
    /// meanwhile.</summary>
    public long DownloadBytes => FetchedDeltaBytes + FetchedChunkBytes;

    /// <summary>Plain bytes of the chunks that were fetched, or in a dry run would be.</summary>
    public long FetchedChunkBytes { get; init; }

    /// <summary>Bytes of the delta that were fetched, or in a dry run would be.</summary>
    public long FetchedDeltaBytes { get; init; }

    /// <summary>Files that a delta made.</summary>
    public int DeltaFiles { get; init; }

    /// <summary>The code of the failure that kept a delta from making all its files; the rest were chunks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DeltaFailure { get; init; }

    /// <summary>Bytes that were written to a slot, without those that it held already; left out where a release is
    /// installed as files.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? WrittenBytes { get; init; }

    /// <summary>True when the release begins to run at the next restart of the machine, and its trial with
    /// it.</summary>
    public bool NeedsRestart { get; init; }

    /// <summary>All bytes that the run's sockets sent; in a dry run, those that the dry run itself took.</summary>
    public long WireBytesUp { get; init; }

    /// <summary>All bytes that they received.</summary>
    public long WireBytesDown { get; init; }

    /// <summary>True when the server knows the outcome; else the next run reports it.</summary>
    public bool IsReported { get; init; }

    /// <summary>The time after which the server asks a polling agent to check again, seconds; 0 when it asks for
    /// none.</summary>
    public int NextCheckSeconds { get; init; }

    /// <summary>The duration of each phase.</summary>
    public PhaseSeconds Seconds { get; init; } = new();

    /// <summary>CPU time of the process so far, seconds.</summary>
    public double CpuSeconds { get; init; }

    /// <summary>The peak memory of the process, bytes; without <c>/proc</c>,
    /// at least that of the process that started it.</summary>
    public long PeakRssBytes { get; init; }

    /// <summary>Failures that did not change the outcome, one line each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The entries of the current release that were damaged and are as installed again; left out where none
    /// were.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<TreeDamage>? Repaired { get; init; }

    /// <summary>Why the release was rejected, when it was; else left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RejectedRelease? Rejected { get; init; }

    /// <summary>In a dry run, why the release could not be installed now: space or inodes are short. Left out where
    /// there is enough.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ErrorReport? Shortage { get; init; }

    /// <summary>In a dry run, the figures of each action.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ActionFigures>? Kinds { get; init; }

    /// <summary>In a dry run, the step of each entry that is not kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FileStep>? Steps { get; init; }
}

/// <summary>An <see cref="UpdateState"/> by its word; only ever written.</summary>
internal sealed class UpdateStateJson : JsonConverter<UpdateState>
{
    /// <inheritdoc/>
    public override UpdateState Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, UpdateState value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value switch
        {
            UpdateState.Installed => "installed",
            UpdateState.Unchanged => "unchanged",
            UpdateState.Repaired => "repaired",
            UpdateState.Planned => "planned",
            UpdateState.OnTrial => "on_trial",
            UpdateState.Staged => "staged",
            UpdateState.Held => "held",
            UpdateState.Rejected => "rejected",
            _ => throw new ArgumentOutOfRangeException(nameof(value)),
        });
}
