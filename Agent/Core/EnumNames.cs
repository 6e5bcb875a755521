using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChunkOta.Agent;

/// <summary>The words that plans and results have for their enums.</summary>
/// <remarks>By hand: the library's own way reads attributes by reflection, which costs the static agent 0.1 MB.</remarks>
internal static class EnumNames
{
    /// <summary>One lower-case word.</summary>
    public static string Of(FileAction action) => action switch
    {
        FileAction.Create => "create",
        FileAction.Keep => "keep",
        FileAction.Copy => "copy",
        FileAction.Staged => "staged",
        FileAction.Delta => "delta",
        FileAction.Chunks => "chunks",
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };

    /// <summary>One lower-case word.</summary>
    public static string Of(UpdateState state) => state switch
    {
        UpdateState.Installed => "installed",
        UpdateState.Unchanged => "unchanged",
        UpdateState.Planned => "planned",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };
}

/// <summary>A <see cref="FileAction"/> by its name; only ever written.</summary>
internal sealed class FileActionJson : JsonConverter<FileAction>
{
    /// <inheritdoc/>
    public override FileAction Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, FileAction value, JsonSerializerOptions options) =>
        writer.WriteStringValue(EnumNames.Of(value));
}

/// <summary>An <see cref="UpdateState"/> by its name; only ever written.</summary>
internal sealed class UpdateStateJson : JsonConverter<UpdateState>
{
    /// <inheritdoc/>
    public override UpdateState Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, UpdateState value, JsonSerializerOptions options) =>
        writer.WriteStringValue(EnumNames.Of(value));
}
