using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChunkOta.Agent;

/// <summary>The stage of an update: the same word in progress, <c>status</c>, reports and JSON.</summary>
[JsonConverter(typeof(UpdateStageJson))]
public enum UpdateStage
{
    /// <summary>Nothing is being done, and nothing is to be done.</summary>
    Idle,

    /// <summary>Asking the server, and verifying its answer.</summary>
    Checking,

    /// <summary>Looking at what is on disk.</summary>
    Planning,

    /// <summary>Fetching a delta or chunks.</summary>
    Downloading,

    /// <summary>Writing files from what is here already.</summary>
    Assembling,

    /// <summary>The release is complete, verified and durable, and not current yet.</summary>
    Staged,

    /// <summary>The switch has begun.</summary>
    Activating,

    /// <summary>The release is current, and has to prove that it works.</summary>
    Verifying,

    /// <summary>The release is current and kept.</summary>
    Committed,

    /// <summary>The release before it is being made current again.</summary>
    RollingBack,

    /// <summary>The release did not prove that it works: the one before it is current again.</summary>
    RolledBack,

    /// <summary>The update cannot go on: the cause says why.</summary>
    Blocked,
}

/// <summary>The words of <see cref="UpdateStage"/>.</summary>
public static class UpdateStageWords
{
    private static readonly string[] Words =
    [
        "idle", "checking", "planning", "downloading", "assembling", "staged", "activating", "verifying", "committed",
        "rolling_back", "rolled_back", "blocked",
    ];

    /// <summary>Returns the lower-case word of a stage, as JSON has it.</summary>
    /// <param name="stage">The stage.</param>
    public static string ToWord(this UpdateStage stage) => Words[(int)stage];

    /// <summary>Finds the stage of a word; null for a word of a newer agent.</summary>
    /// <param name="word">The word.</param>
    internal static UpdateStage? Find(string? word)
    {
        var index = Array.IndexOf(Words, word);
        return index < 0 ? null : (UpdateStage)index;
    }
}

/// <summary>An <see cref="UpdateStage"/> by its word.</summary>
internal sealed class UpdateStageJson : JsonConverter<UpdateStage>
{
    /// <inheritdoc/>
    public override UpdateStage Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        UpdateStageWords.Find(reader.GetString()) ?? throw new JsonException("unknown stage");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, UpdateStage value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToWord());
}
