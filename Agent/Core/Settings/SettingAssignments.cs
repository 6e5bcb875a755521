using System.Buffers;
using System.Text.Json;

namespace ChunkOta.Agent;

/// <summary>Settings as <c>Section:Key=value</c>, from the environment and the command line, as one JSON
/// document.</summary>
internal sealed class SettingAssignments
{
    private const char Separator = ':';
    private const int MaxDepth = 8;

    private readonly SortedDictionary<string, SettingAssignments> _children = new(StringComparer.OrdinalIgnoreCase);
    private string? _value;

    /// <summary>Returns the document of assignments.</summary>
    /// <param name="assignments">Keys and values; of two with the same key the later one counts.</param>
    /// <exception cref="JsonException">A key is both a section and a value, or malformed.</exception>
    public static byte[] ToJson(IEnumerable<KeyValuePair<string, string>> assignments)
    {
        var root = new SettingAssignments();
        foreach (var (key, value) in assignments)
            root.Add(key, value);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            root.Write(writer, "");
        return buffer.WrittenSpan.ToArray();
    }

    private void Add(string key, string value)
    {
        var (node, names) = (this, key.Split(Separator));
        if (names.Length > MaxDepth || names.Contains(""))
            throw new JsonException($"'{key}' is not a setting: write Section:Key=value");
        foreach (var name in names)
        {
            if (!node._children.TryGetValue(name, out var child))
                node._children[name] = child = new SettingAssignments();
            node = child;
        }
        node._value = value;
    }

    private void Write(Utf8JsonWriter writer, string key)
    {
        if (_value is { } value && _children.Count > 0)
            throw new JsonException($"{key} has a value and settings below it: leave one out");
        if (_value is not null)
            WriteValue(writer, _value);
        else if (IsList)
            WriteList(writer, key);
        else
            WriteSection(writer, key);
    }

    /// <summary>True for <c>Key:0</c>, <c>Key:1</c>: a list by the indexes of its values.</summary>
    private bool IsList => _children.Count > 0 && _children.Keys.All(name => name.All(char.IsAsciiDigit));

    private void WriteList(Utf8JsonWriter writer, string key)
    {
        writer.WriteStartArray();
        foreach (var (index, child) in _children.OrderBy(child => child.Key.Length).ThenBy(child => child.Key))
            child.Write(writer, $"{key}{Separator}{index}");
        writer.WriteEndArray();
    }

    private void WriteSection(Utf8JsonWriter writer, string key)
    {
        writer.WriteStartObject();
        foreach (var (name, child) in _children)
        {
            writer.WritePropertyName(name);
            child.Write(writer, key.Length == 0 ? name : $"{key}{Separator}{name}");
        }
        writer.WriteEndObject();
    }

    /// <summary>Writes a number, a truth value or a list as it is; anything else is text.</summary>
    private static void WriteValue(Utf8JsonWriter writer, string value)
    {
        if (IsJson(value))
            writer.WriteRawValue(value);
        else
            writer.WriteStringValue(value);
    }

    private static bool IsJson(string value)
    {
        try
        {
            var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(value));
            while (reader.Read())
            {
                // Every token is looked at: the value may end too early, or go on.
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
