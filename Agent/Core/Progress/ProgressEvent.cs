using System.Text.Json.Serialization;

namespace ChunkOta.Agent;

/// <summary>A line of <c>--progress json</c> on standard error: at each new stage or cause, and at most once a second
/// between them.</summary>
public sealed record ProgressEvent
{
    /// <summary>The stage, in the words of <c>run</c> in <c>status --json</c>.</summary>
    public required UpdateStage Stage { get; init; }

    /// <summary>Bytes of the stage that are done.</summary>
    public required long DoneBytes { get; init; }

    /// <summary>Bytes of the stage in all; 0 when not known.</summary>
    public required long TotalBytes { get; init; }

    /// <summary>The rate, bytes a second; left out while it is too early to tell.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? BytesPerSecond { get; init; }

    /// <summary>The time left at this rate, seconds; left out when not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SecondsLeft { get; init; }

    /// <summary>Why the run waits; left out when it does not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Cause { get; init; }
}
