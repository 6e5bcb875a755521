using System.Text.Json;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Finds, reads and checks <c>ota-agent.json</c>.</summary>
public static class SettingsFile
{
    private const string Name = "ota-agent.json";
    private const string Assigned = "the settings of the environment and the command line";
    private const int MaxBytes = 1 << 20;

    /// <summary>Reads the settings of this device.</summary>
    /// <param name="named">The file that the command line or the environment names; null for the usual one, which need
    /// not exist.</param>
    /// <param name="isRoot">True when the process runs as root.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="assignments">Settings on top of the file's, <c>Section:Key</c> and value; the later one
    /// counts.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: it names the file and what is wrong.</exception>
    public static AgentSettings Load(
        string? named,
        bool isRoot,
        Func<string, string?> environment,
        IReadOnlyList<KeyValuePair<string, string>> assignments)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(assignments);
        var settings = new AgentSettings();
        if ((named ?? UsualPath(isRoot, environment)) is { } path)
        {
            if (FindBytes(path) is { } bytes)
                settings = Apply(path, bytes, settings);
            else if (named is not null)
                throw Invalid(path, "there is no such file");
        }
        return assignments.Count == 0
            ? settings
            : Apply(Assigned, Checked(Assigned, () => SettingAssignments.ToJson(assignments)), settings);
    }

    /// <summary>Returns the file that is read where none is named; null for a user without a home.</summary>
    internal static string? UsualPath(bool isRoot, Func<string, string?> environment) =>
        isRoot ? $"/etc/chunkota/{Name}"
        : environment("XDG_CONFIG_HOME") is { Length: > 0 } config && Path.IsPathRooted(config)
            ? Path.Combine(config, "chunkota", Name)
        : environment("HOME") is { Length: > 0 } home && Path.IsPathRooted(home)
            ? Path.Combine(home, ".config", "chunkota", Name)
        : null;

    private static byte[]? FindBytes(string path) => Checked(
        path,
        () => DurableFile.FindBytes(path, MaxBytes) is { } bytes ? PlainText.Utf8Of(bytes, path).ToArray() : null);

    private static AgentSettings Apply(string source, byte[] json, AgentSettings settings)
    {
        settings = Checked(source, () =>
        {
            SettingsShape.Check(json);
            return JsonSerializer.Deserialize(json, SettingsJson.Default.SettingsDocument)!.ApplyTo(settings);
        });
        return SettingsRules.FindFault(settings) is { } fault ? throw Invalid(source, fault) : settings;
    }

    private static T Checked<T>(string source, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is JsonException or FileSystemException)
        {
            throw Invalid(source, OneLine.Of(e.Message), e);
        }
    }

    private static ChunkOtaException Invalid(string source, string fault, Exception? cause = null) =>
        new(ErrorCodes.ConfigInvalid, $"{source} cannot be used: {fault}", cause);
}
