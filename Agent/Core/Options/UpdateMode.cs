using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChunkOta.Agent;

/// <summary>The condition under which <c>watch</c> makes a new release of a product current.</summary>
[JsonConverter(typeof(UpdateModeJson))]
public enum UpdateMode
{
    /// <summary>As soon as it is downloaded, within the maintenance windows.</summary>
    Forced,

    /// <summary>When the application or a person has consented.</summary>
    Soft,

    /// <summary>As <see cref="Soft"/>, and without consent once a time has passed since the download.</summary>
    Deadline,

    /// <summary>Never: a person runs <c>ota-agent upgrade</c>.</summary>
    DownloadOnly,
}

/// <summary>The words for an <see cref="UpdateMode"/>.</summary>
public static class UpdateModeWords
{
    private static readonly (UpdateMode Mode, string Word)[] Words =
    [
        (UpdateMode.Forced, "forced"),
        (UpdateMode.Soft, "soft"),
        (UpdateMode.Deadline, "deadline"),
        (UpdateMode.DownloadOnly, "download-only"),
    ];

    /// <summary>Finds the mode of a word; null when it is unknown.</summary>
    /// <param name="word">The word, in any case.</param>
    internal static UpdateMode? Find(string word)
    {
        foreach (var (mode, known) in Words)
        {
            if (known.Equals(word, StringComparison.OrdinalIgnoreCase))
                return mode;
        }
        return null;
    }

    /// <summary>Returns the word of a mode.</summary>
    public static string ToWord(this UpdateMode mode) => Words[(int)mode].Word;
}

/// <summary>An <see cref="UpdateMode"/> by its word; only ever written.</summary>
internal sealed class UpdateModeJson : JsonConverter<UpdateMode>
{
    /// <inheritdoc/>
    public override UpdateMode Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, UpdateMode value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToWord());
}
