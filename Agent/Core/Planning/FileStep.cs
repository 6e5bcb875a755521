using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChunkOta.Agent;

/// <summary>The origin of an entry of the new release.</summary>
[JsonConverter(typeof(FileActionJson))]
public enum FileAction
{
    /// <summary>Made from nothing: an empty file, an empty directory or a symbolic link.</summary>
    Create,

    /// <summary>The same file under the same path in the current release: copied, or shared copy-on-write.</summary>
    Keep,

    /// <summary>The same bytes under another path or in another kept release: copied likewise.</summary>
    Copy,

    /// <summary>Whole and verified in the staging tree already, by a run that was interrupted.</summary>
    Staged,

    /// <summary>Made by a delta from a file of the release that is held.</summary>
    Delta,

    /// <summary>Put together from chunks, local ones first, the rest fetched.</summary>
    Chunks,
}

/// <summary>The step of a plan for one entry of the new release.</summary>
/// <param name="Path">The entry's path.</param>
/// <param name="Action">Its origin.</param>
/// <param name="SizeBytes">The file's size, bytes; 0 for links and directories.</param>
/// <param name="FetchBytes">Of these, plain bytes of chunks that have to be fetched.</param>
public sealed record FileStep(string Path, FileAction Action, long SizeBytes, long FetchBytes)
{
    /// <summary>Its cost and the reason, where the server gave one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StepCause? Cause { get; init; }
}

/// <summary>The figures of all entries with the same action.</summary>
/// <param name="Action">Their origin.</param>
/// <param name="Entries">The number of entries.</param>
/// <param name="SizeBytes">The sum of their sizes.</param>
/// <param name="FetchBytes">Bytes fetched for them: the delta's own bytes, or the plain bytes of chunks.</param>
public sealed record ActionFigures(FileAction Action, int Entries, long SizeBytes, long FetchBytes);

/// <summary>The words that people and JSON see for a <see cref="FileAction"/>.</summary>
/// <remarks>By hand: the library's own way reads attributes by reflection: 0.1 MB of the static agent.</remarks>
public static class FileActionWords
{
    /// <summary>Returns one lower-case word.</summary>
    /// <param name="action">The action.</param>
    public static string ToWord(this FileAction action) => action switch
    {
        FileAction.Create => "create",
        FileAction.Keep => "keep",
        FileAction.Copy => "copy",
        FileAction.Staged => "staged",
        FileAction.Delta => "delta",
        FileAction.Chunks => "chunks",
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };
}

/// <summary>A <see cref="FileAction"/> by its word; only ever written.</summary>
internal sealed class FileActionJson : JsonConverter<FileAction>
{
    /// <inheritdoc/>
    public override FileAction Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, FileAction value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToWord());
}
