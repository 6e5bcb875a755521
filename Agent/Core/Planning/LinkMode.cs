using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChunkOta.Agent;

/// <summary>The way unchanged files get from an installed release into the next one.</summary>
[JsonConverter(typeof(LinkModeJson))]
public enum LinkMode
{
    /// <summary>Shared copy-on-write where the file system can, else copied.</summary>
    Reflink,

    /// <summary>Shared copy-on-write where the file system can, else one file under two names. Only for releases that
    /// nothing writes to: a write to one release changes the others.</summary>
    Hardlink,
}

/// <summary>The words for a <see cref="LinkMode"/>.</summary>
public static class LinkModeWords
{
    private const string Reflink = "reflink";
    private const string Hardlink = "hardlink";

    /// <summary>Finds the mode of a word; null when it is unknown.</summary>
    /// <param name="word">The word.</param>
    public static LinkMode? Find(string word) => word switch
    {
        Reflink => LinkMode.Reflink,
        Hardlink => LinkMode.Hardlink,
        _ => null,
    };

    /// <summary>Returns the word of a mode.</summary>
    public static string ToWord(this LinkMode mode) => mode == LinkMode.Hardlink ? Hardlink : Reflink;
}

/// <summary>A <see cref="LinkMode"/> by its word; only ever written.</summary>
internal sealed class LinkModeJson : JsonConverter<LinkMode>
{
    /// <inheritdoc/>
    public override LinkMode Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, LinkMode value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToWord());
}

/// <summary>The part of a file that the file system lets two releases share.</summary>
internal enum FileSharing
{
    /// <summary>Nothing: a file is copied.</summary>
    None,

    /// <summary>Blocks, copy-on-write.</summary>
    Blocks,

    /// <summary>The file itself, under two names.</summary>
    Names,
}
