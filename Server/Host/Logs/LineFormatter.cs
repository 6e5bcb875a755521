using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ChunkOta.Server;

/// <summary>Writes one line for each event: time, level, id, category, text, and the request that it is
/// of.</summary>
/// <remarks>Control characters are escaped, so that no caller can forge or colour a line.</remarks>
internal sealed class LineFormatter(TimeProvider clock) : ConsoleFormatter(FormatName)
{
    public const string FormatName = LogSettings.LineFormat;

    public override void Write<TState>(
        in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var line = new StringBuilder(160);
        line.Append(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} ");
        line.Append(CultureInfo.InvariantCulture,
            $"{LevelName(logEntry.LogLevel)} {logEntry.EventId.Id} {logEntry.Category}: ");
        AppendEscaped(line, logEntry.Formatter(logEntry.State, logEntry.Exception));
        scopeProvider?.ForEachScope(
            static (scope, line) => line.Append(CultureInfo.InvariantCulture, $" ({scope})"), line);
        if (logEntry.Exception is { } exception)
        {
            line.Append(" | ");
            AppendEscaped(line, exception.ToString());
        }

        textWriter.WriteLine(line);
    }

    /// <summary>Appends a text with its control characters escaped: <c>\n</c>, <c>\r</c>, <c>\t</c>, else
    /// <c>\uXXXX</c>.</summary>
    internal static void AppendEscaped(StringBuilder line, string text)
    {
        foreach (var c in text)
        {
            if (c == '\n') line.Append("\\n");
            else if (c == '\r') line.Append("\\r");
            else if (c == '\t') line.Append("\\t");
            else if (char.IsControl(c) || char.GetUnicodeCategory(c)
                is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else line.Append(c);
        }
    }

    private static string LevelName(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "fatal",
    };
}
