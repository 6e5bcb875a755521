using ChunkOta.Client;

namespace ChunkOta.Agent;

/// <summary>The settings of an agent, the same for everything it is asked to do.</summary>
public sealed record AgentOptions
{
    /// <summary>The directory that holds everything of this agent.</summary>
    public required string Home { get; init; }

    /// <summary>A PEM file of certificate authorities that the server's certificate must come from, if given. Its
    /// certificates are remembered for the product once the server has answered.</summary>
    public string? CaFile { get; init; }

    /// <summary>True when <c>http://</c> to another machine is accepted.</summary>
    public bool IsPlaintextAllowed { get; init; }

    /// <summary>When this agent was built: the device's clock is wrong if it is earlier.</summary>
    public DateTimeOffset BuildTime { get; init; } = AgentVersion.BuildTime;

    /// <summary>The policy of each product; <see cref="ProductPolicy.None"/> for those that are not
    /// named.</summary>
    public IReadOnlyDictionary<string, ProductPolicy> Products { get; init; } =
        new Dictionary<string, ProductPolicy>();

    /// <summary>The least that a server must send while the agent waits, bytes a second on average over
    /// <see cref="StallSeconds"/>; at least 1. Below it a call ends with <c>TOO_SLOW</c>.</summary>
    public int MinimumBytesPerSecond { get; init; } = MinimumRate.Default.BytesPerSecond;

    /// <summary>The time that the rate is averaged over, seconds; at least 1.</summary>
    public int StallSeconds { get; init; } = (int)MinimumRate.Default.Window.TotalSeconds;

    internal MinimumRate Minimum => new(MinimumBytesPerSecond, TimeSpan.FromSeconds(StallSeconds));

    /// <summary>The limit for what is downloaded for all products together; null for none.</summary>
    public DownloadLimit? DownloadLimit { get; init; }

    /// <summary>Is told of each call to a server; null for nobody.</summary>
    public CallObserver? Observer { get; init; }

    /// <summary>Returns the home that is used where none is named: <c>/opt/chunkota</c> for root,
    /// else the user's data directory.</summary>
    /// <param name="isRoot">True when the process runs as root.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: the user has no home directory.</exception>
    public static string DefaultHome(bool isRoot, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (isRoot)
            return "/opt/chunkota";
        if (environment("XDG_DATA_HOME") is { Length: > 0 } data && Path.IsPathRooted(data))
            return Path.Combine(data, "chunkota");
        if (environment("HOME") is { Length: > 0 } home && Path.IsPathRooted(home))
            return Path.Combine(home, ".local", "share", "chunkota");
        throw new ChunkOtaException(
            ErrorCodes.ConfigInvalid,
            "no folder to work in: HOME is not set to an absolute path: give --home DIR, or set OTA_HOME");
    }
}
