namespace ChunkOta.Server;

/// <summary>Decides which events are logged; the level can change while the server runs.</summary>
/// <remarks>
/// The server logs its calls itself, so of the framework only warnings and errors are of interest. While the server
/// starts not even those: a failed start ends with one line that names the cause. Any number of threads at once.
/// </remarks>
/// <param name="level">The lowest level that is logged.</param>
internal sealed class LogLevels(LogLevel level)
{
    private volatile bool _isStarted;
    private volatile LogLevel _level = level;

    /// <summary>The lowest level that is logged.</summary>
    public LogLevel Level
    {
        get => _level;
        set => _level = value;
    }

    /// <summary>Lets the framework's events through from now on.</summary>
    public void EndStart() => _isStarted = true;

    /// <summary>True when an event of this category and level is logged.</summary>
    public bool IsEnabled(string? category, LogLevel level)
    {
        if (level < _level) return false;
        if (!IsOfFramework(category)) return true;
        // The server logs failed calls itself, in one line; gRPC would add the stack of each malformed message.
        var least = category == "Grpc.AspNetCore.Server.ServerCallHandler" ? LogLevel.Critical : LogLevel.Warning;
        return _isStarted && level >= least;
    }

    private static bool IsOfFramework(string? category) =>
        category is not null
        && (category.StartsWith("Microsoft.", StringComparison.Ordinal)
            || category.StartsWith("Grpc.", StringComparison.Ordinal));
}
