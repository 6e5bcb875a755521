using System.Collections;
using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using ChunkOta.Protos;

namespace ChunkOta.Server;

/// <summary>Reads the settings from a file, the environment and the command line, and refuses unknown ones.</summary>
internal static class SettingsLoader
{
    /// <summary>The prefix of environment variables.</summary>
    public const string EnvironmentPrefix = "OTA_SERVER__";

    /// <summary>Reads and checks the settings.</summary>
    /// <param name="file">A JSON file, comments allowed; null for none.</param>
    /// <param name="assignments"><c>Section:Key=value</c> from the command line, split at the equals sign.</param>
    /// <param name="data">The data folder if nothing else names one.</param>
    /// <exception cref="SettingsInvalidException">Settings are unknown, unreadable or invalid; it names all
    /// faults.</exception>
    public static ServerSettings Load(
        string? file, IEnumerable<KeyValuePair<string, string?>> assignments, string? data = null)
    {
        var configuration = Read(file, assignments, data);
        var faults = new List<string>();
        FindUnknown(configuration, typeof(ServerSettings), faults);

        ServerSettings settings;
        try
        {
            settings = configuration.Get<ServerSettings>() ?? new ServerSettings();
        }
        catch (InvalidOperationException) when (faults.Count > 0)
        {
            throw new SettingsInvalidException(faults);
        }

        var unknown = faults.Count;
        FindNull(settings, new ServerSettings(), "", faults);
        // What is null cannot be asked for its faults.
        if (faults.Count == unknown) faults.AddRange(settings.FindFaults());
        return faults.Count == 0 ? settings : throw new SettingsInvalidException(faults);
    }

    /// <summary>Every setting and its value, in order of declaration.</summary>
    public static IEnumerable<KeyValuePair<string, object?>> Enumerate(object section, string prefix = "")
    {
        foreach (var property in PropertiesOf(section.GetType()))
        {
            var (key, value) = (prefix + property.Name, property.GetValue(section));
            if (IsSection(property.PropertyType))
            {
                foreach (var inner in Enumerate(value!, key + ":")) yield return inner;
            }
            else
            {
                yield return new(key, value);
            }
        }
    }

    private static IConfigurationRoot Read(
        string? file, IEnumerable<KeyValuePair<string, string?>> assignments, string? data)
    {
        var builder = new ConfigurationBuilder();
        if (data is not null) builder.AddInMemoryCollection([new(nameof(ServerSettings.Data), data)]);
        try
        {
            if (file is not null)
            {
                var json = PlainText.Utf8Of(File.ReadAllBytes(Path.GetFullPath(file)), file);
                builder.AddJsonStream(new MemoryStream(json.ToArray()));
            }

            builder.AddEnvironmentVariables(EnvironmentPrefix).AddInMemoryCollection(LastOfEach(assignments));
            return builder.Build();
        }
        catch (ChunkOtaException failure)
        {
            throw new SettingsInvalidException([failure.Message]);
        }
        catch (Exception failure) when (failure is IOException or FormatException or JsonException
            or InvalidDataException or UnauthorizedAccessException)
        {
            throw new SettingsInvalidException([$"{file}: {(failure.InnerException ?? failure).Message}"]);
        }
    }

    private static IEnumerable<KeyValuePair<string, string?>> LastOfEach(
        IEnumerable<KeyValuePair<string, string?>> assignments) =>
        assignments.GroupBy(assignment => assignment.Key, StringComparer.OrdinalIgnoreCase).Select(same => same.Last());

    private static void FindNull(object settings, object defaults, string prefix, List<string> faults)
    {
        foreach (var property in PropertiesOf(settings.GetType()))
        {
            var (value, standard) = (property.GetValue(settings), property.GetValue(defaults));
            if (value is null && standard is not null)
                faults.Add($"{prefix}{property.Name} is null: leave it out for its default");
            else if (value is not null && IsSection(property.PropertyType))
                FindNull(value, standard!, $"{prefix}{property.Name}:", faults);
        }
    }

    private static void FindUnknown(IConfiguration section, Type type, List<string> faults)
    {
        var properties = PropertiesOf(type);
        foreach (var child in section.GetChildren())
        {
            var property = properties.FirstOrDefault(p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
                faults.Add($"unknown setting {child.Path}: {Parent(child.Path)} has "
                    + $"{string.Join(", ", properties.Select(p => p.Name))}");
            else if (IsSection(property.PropertyType) && child.Value is { Length: > 0 })
                faults.Add($"{child.Path} is a section: write {child.Path}:KEY=VALUE");
            else if (IsList(property.PropertyType) && child.Value is { Length: > 0 })
                faults.Add($"{child.Path} takes a list: write {child.Path}:0={child.Value}");
            else if (IsSection(property.PropertyType))
                FindUnknown(child, property.PropertyType, faults);
            else if (!IsList(property.PropertyType) && child.GetChildren().Any())
                faults.Add($"{child.Path} takes one value");
            else if (!IsList(property.PropertyType) && Misfit(property.PropertyType, child.Value) is { } expected)
                faults.Add($"{child.Path} is '{child.Value}': write {expected}");
        }
    }

    /// <summary>Describes the values of a type; null if the value is one.</summary>
    private static string? Misfit(Type type, string? value)
    {
        try
        {
            if (TypeDescriptor.GetConverter(type).IsValid(value ?? "")) return null;
        }
        catch (Exception failure) when (failure is FormatException or ArgumentException or OverflowException)
        {
            // Not valid: said below.
        }

        return type.IsEnum ? string.Join(", ", Enum.GetNames(type))
            : type == typeof(bool) ? "true or false"
            : "a number";
    }

    private static string Parent(string path) =>
        path.LastIndexOf(':') is > 0 and var colon ? path[..colon] : "the top level";

    private static PropertyInfo[] PropertiesOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly);

    private static bool IsSection(Type type) => type.Name.EndsWith("Settings", StringComparison.Ordinal);

    private static bool IsList(Type type) => type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable));
}

/// <summary>Settings are unknown, unreadable or invalid.</summary>
/// <param name="faults">One line for each fault.</param>
internal sealed class SettingsInvalidException(IReadOnlyList<string> faults)
    : ChunkOtaException(ErrorCodes.ConfigInvalid, string.Join("; ", faults))
{
    /// <summary>One line for each fault.</summary>
    public IReadOnlyList<string> Faults => faults;
}
