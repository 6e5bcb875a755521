namespace ChunkOta.Server;

/// <summary>What is logged, to standard error.</summary>
internal sealed record LogSettings
{
    /// <summary>The least level that is logged: Trace, Debug, Information, Warning, Error or Critical.</summary>
    public LogLevel Level { get; init; } = LogLevel.Information;
}
