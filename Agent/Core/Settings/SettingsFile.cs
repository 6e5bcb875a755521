using System.Text.Json;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Finds, reads and checks <c>ota-agent.json</c>.</summary>
public static class SettingsFile
{
    private const string Name = "ota-agent.json";
    private const int MaxBytes = 1 << 20;

    /// <summary>Reads the settings of this device.</summary>
    /// <param name="named">The file that the command line or the environment names; null for the usual one, which need
    /// not exist.</param>
    /// <param name="isRoot">True when the process runs as root.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: it names the file and what is wrong.</exception>
    public static AgentSettings Load(string? named, bool isRoot, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if ((named ?? UsualPath(isRoot, environment)) is not { } path)
            return new AgentSettings();
        if (Find(path) is not { } document)
            return named is null ? new AgentSettings() : throw Invalid(path, "there is no such file");
        return (FindNull(document) ?? FindFault(document.ToSettings())) is { } fault
            ? throw Invalid(path, fault)
            : document.ToSettings();
    }

    /// <summary>Returns the file that is read where none is named; null for a user without a home.</summary>
    internal static string? UsualPath(bool isRoot, Func<string, string?> environment) =>
        isRoot ? $"/etc/chunkota/{Name}"
        : environment("XDG_CONFIG_HOME") is { Length: > 0 } config && Path.IsPathRooted(config)
            ? Path.Combine(config, "chunkota", Name)
        : environment("HOME") is { Length: > 0 } home && Path.IsPathRooted(home)
            ? Path.Combine(home, ".config", "chunkota", Name)
        : null;

    private static SettingsDocument? Find(string path)
    {
        try
        {
            return DurableFile.FindBytes(path, MaxBytes) is { } bytes
                ? JsonSerializer.Deserialize(PlainText.Utf8Of(bytes, path), SettingsJson.Default.SettingsDocument)
                    ?? throw Invalid(path, "it holds null instead of settings")
                : null;
        }
        catch (JsonException e)
        {
            throw Invalid(path, OneLine.Of(e.Message), e);
        }
        catch (FileSystemException e)
        {
            throw Invalid(path, OneLine.Of(e.Message), e);
        }
    }

    private static string? FindNull(SettingsDocument document) =>
        document.Products.Where(entry => entry.Value is null)
            .Select(entry => $"Products:{entry.Key} must not be null").FirstOrDefault();

    private static string? FindFault(AgentSettings settings)
    {
        var pace = RangeFault("MinimumBytesPerSecond", settings.MinimumBytesPerSecond, 1, 1_000_000_000)
            ?? RangeFault("StallSeconds", settings.StallSeconds, 1, 3600);
        if (pace is not null)
            return pace;
        foreach (var (product, policy) in settings.Products)
        {
            var name = $"Products:{product}";
            var fault = NameFault(product)
                ?? CommandFault($"{name}:BeforeSwitch", policy.BeforeSwitch)
                ?? CommandFault($"{name}:AfterSwitch", policy.AfterSwitch)
                ?? CommandFault($"{name}:Health:Command", policy.Health.Command)
                ?? RangeFault($"{name}:HookSeconds", policy.HookSeconds, 1, 86_400)
                ?? RangeFault($"{name}:Health:CommandSeconds", policy.Health.CommandSeconds, 1, 86_400)
                ?? RangeFault($"{name}:Health:DeadlineSeconds", policy.Health.DeadlineSeconds, 1, 604_800)
                ?? RangeFault($"{name}:Health:MaxAttempts", policy.Health.MaxAttempts, 1, 100)
                ?? (policy.Slots is { } slots ? SlotsFault($"{name}:Slots", slots) : null);
            if (fault is not null)
                return fault;
        }
        return null;
    }

    private static string? NameFault(string product)
    {
        try
        {
            Names.CheckProduct(product);
            return null;
        }
        catch (ChunkOtaException e)
        {
            return $"Products: {e.Message}";
        }
    }

    private static string? CommandFault(string key, IReadOnlyList<string> command) =>
        command.Any(word => word is null || word.Contains('\0')) ? $"{key} must be a list of words"
        : command.Count > 0 && !Path.IsPathRooted(command[0]) ? $"{key} must begin with the absolute path of a program"
        : null;

    private static string? SlotsFault(string name, SlotSettings slots) =>
        PathFault($"{name}:A", slots.A)
        ?? PathFault($"{name}:B", slots.B)
        ?? PathFault($"{name}:Environment", slots.Environment)
        ?? (slots.A == slots.B ? $"{name}:A and {name}:B must be two slots" : null)
        ?? (slots.Bootloader is SlotSettings.Grub or SlotSettings.UBoot or SlotSettings.Simulated
            ? null
            : $"{name}:Bootloader must be {SlotSettings.Grub}, {SlotSettings.UBoot} or {SlotSettings.Simulated}, "
                + $"not '{slots.Bootloader}'");

    private static string? PathFault(string key, string path) =>
        Path.IsPathRooted(path) && !path.Contains('\0') ? null : $"{key} must be an absolute path";

    private static string? RangeFault(string key, int value, int least, int most) =>
        value < least || value > most ? $"{key} must be from {least} to {most}, not {value}" : null;

    private static ChunkOtaException Invalid(string path, string fault, Exception? cause = null) =>
        new(ErrorCodes.ConfigInvalid, $"{path} cannot be used: {fault}", cause);
}
