using Microsoft.Extensions.Logging.Console;

namespace ChunkOta.Server;

/// <summary>The log, on standard error.</summary>
internal sealed record LogSettings
{
    /// <summary>The form of one line for each event.</summary>
    public const string LineFormat = "line";

    private static readonly SettingSection Section = new(nameof(ServerSettings.Log));

    /// <summary>The lowest level that is logged: Trace, Debug, Information, Warning, Error or Critical.</summary>
    public LogLevel Level { get; init; } = LogLevel.Information;

    /// <summary>The form of the log: <c>line</c>, <c>json</c> or <c>systemd</c>.</summary>
    public string Format { get; init; } = LineFormat;

    public IEnumerable<string> FindFaults()
    {
        string[] known = [LineFormat, ConsoleFormatterNames.Json, ConsoleFormatterNames.Systemd];
        if (!known.Contains(Format))
            yield return $"unknown {Section.KeyOf(nameof(Format))}: '{Format}': choose {string.Join(", ", known)}";
    }
}
