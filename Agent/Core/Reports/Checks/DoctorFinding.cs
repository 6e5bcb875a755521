using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChunkOta.Agent;

/// <summary>The weight of a finding.</summary>
[JsonConverter(typeof(FindingLevelJson))]
public enum FindingLevel
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Updates work now; something needs attention.</summary>
    Warning,

    /// <summary>Updates fail, or what is installed is not as it should be.</summary>
    Error,
}

/// <summary>One thing that was examined.</summary>
/// <param name="Name">The thing, such as <c>disk</c>.</param>
/// <param name="Level"><c>ok</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Text">What was found, one line.</param>
public sealed record DoctorFinding(string Name, FindingLevel Level, string Text)
{
    /// <summary>The product that it is about; left out for the whole home.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Product { get; init; }

    /// <summary>The error code; left out unless the level is <c>error</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Code { get; init; }

    /// <summary>The remedy, one line; left out where there is nothing to do.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Fix { get; init; }

    /// <summary>True when <c>--fix</c> has put it right; the level is <c>ok</c> then.</summary>
    public bool IsFixed { get; init; }
}

/// <summary>A <see cref="FindingLevel"/> by its word; only ever written.</summary>
internal sealed class FindingLevelJson : JsonConverter<FindingLevel>
{
    /// <inheritdoc/>
    public override FindingLevel Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, FindingLevel value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToWord());
}

/// <summary>The words that people and JSON see for a <see cref="FindingLevel"/>.</summary>
public static class FindingLevelWords
{
    /// <summary>Returns one lower-case word.</summary>
    /// <param name="level">The level.</param>
    public static string ToWord(this FindingLevel level) => level switch
    {
        FindingLevel.Ok => "ok",
        FindingLevel.Warning => "warning",
        FindingLevel.Error => "error",
        _ => throw new ArgumentOutOfRangeException(nameof(level)),
    };
}
