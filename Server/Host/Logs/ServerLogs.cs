using System.Text.Json;
using Microsoft.Extensions.Logging.Console;

namespace ChunkOta.Server;

/// <summary>Sets up the log: standard error, in the form that the settings name.</summary>
internal static class ServerLogs
{
    /// <summary>Events that wait to be written; beyond them events are dropped and counted, because a reader that
    /// stalls must not stall the server.</summary>
    private const int MaxWaiting = 10_000;

    /// <summary>Adds the log to the host.</summary>
    public static void Add(ILoggingBuilder logging, LogSettings settings, LogLevels levels)
    {
        logging.SetMinimumLevel(LogLevel.Trace);
        logging.AddFilter((category, level) => levels.IsEnabled(category, level));
        logging.AddConsole(console =>
        {
            console.FormatterName = settings.Format;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            console.MaxQueueLength = MaxWaiting;
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
        logging.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
        logging.Services.AddSingleton<IExternalScopeProvider, RequestScopes>();
        logging.Services.Configure<ConsoleFormatterOptions>(formatter => formatter.IncludeScopes = true);
        logging.Services.Configure<JsonConsoleFormatterOptions>(json =>
        {
            json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            json.UseUtcTimestamp = true;
            json.IncludeScopes = true;
            json.JsonWriterOptions = new JsonWriterOptions { Indented = false };
        });
    }
}
