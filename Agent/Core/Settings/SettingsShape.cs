using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ChunkOta.Agent;

/// <summary>Checks that JSON has the shape of settings: known keys, each once, values of the right kind.</summary>
/// <remarks>The serializer checks that as well, but its messages are not in the native program.</remarks>
internal static class SettingsShape
{
    private static readonly JsonReaderOptions Options = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = SettingsJson.Default.Options.MaxDepth,
    };

    /// <summary>Checks the JSON of settings.</summary>
    /// <param name="json">The whole text.</param>
    /// <exception cref="JsonException">The message says what is wrong, and where.</exception>
    public static void Check(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        try
        {
            reader.Read();
            Check(ref reader, "", SettingsJson.Default.SettingsDocument);
            reader.Read();
        }
        catch (JsonException e) when (e.LineNumber is { } line)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"line {line + 1}, at byte {e.BytePositionInLine}");
            throw new JsonException($"it is not valid JSON in {place}", e);
        }
    }

    private static void Check(ref Utf8JsonReader reader, string key, JsonTypeInfo type)
    {
        if (reader.TokenType == JsonTokenType.Null)
            throw new JsonException($"{(key.Length == 0 ? "the file" : key)} must not be null");
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Enumerable:
                Require(reader.TokenType == JsonTokenType.StartArray, key, "a list");
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    Require(reader.TokenType == JsonTokenType.String, key, "a list of texts");
                break;
            case JsonTypeInfoKind.None when type.Type == typeof(string):
                Require(reader.TokenType == JsonTokenType.String, key, "a text");
                break;
            case JsonTypeInfoKind.None when type.Type == typeof(bool?):
                Require(reader.TokenType is JsonTokenType.True or JsonTokenType.False, key, "true or false");
                break;
            case JsonTypeInfoKind.None:
                Require(
                    reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out _), key, "a whole number");
                break;
            default:
                CheckMembers(ref reader, key, type);
                break;
        }
    }

    private static void CheckMembers(ref Utf8JsonReader reader, string key, JsonTypeInfo type)
    {
        Require(reader.TokenType == JsonTokenType.StartObject, key, "an object");
        var names = type.Kind == JsonTypeInfoKind.Object ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
        var seen = new HashSet<string>(names);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString() ?? "";
            var member = key.Length == 0 ? name : $"{key}:{name}";
            var memberType = type.Kind == JsonTypeInfoKind.Object ? FindMember(type, name) : type.ElementType;
            if (memberType is null || SettingsJson.Default.GetTypeInfo(memberType) is not { } known)
                throw new JsonException($"{member} is not a setting");
            if (!seen.Add(name))
                throw new JsonException($"{member} is given twice");
            reader.Read();
            Check(ref reader, member, known);
        }
    }

    private static Type? FindMember(JsonTypeInfo type, string name)
    {
        foreach (var property in type.Properties)
        {
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return property.PropertyType;
        }
        return null;
    }

    private static void Require(bool holds, string key, string kind)
    {
        if (!holds)
            throw new JsonException($"{(key.Length == 0 ? "the file" : key)} must be {kind}");
    }
}
