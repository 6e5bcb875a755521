namespace ChunkOta.Agent;

/// <summary>The settings of an agent, the same for everything it is asked to do.</summary>
public sealed record AgentOptions
{
    /// <summary>The directory that holds everything of this agent.</summary>
    public required string Home { get; init; }

    /// <summary>A PEM file of certificate authorities that the server's certificate must come from, if given.</summary>
    public string? CaFile { get; init; }

    /// <summary>True when <c>http://</c> to another machine is accepted.</summary>
    public bool IsPlaintextAllowed { get; init; }

    /// <summary>Returns the home that is used where none is named: <c>/opt/chunkota</c> for root,
    /// else the user's data directory.</summary>
    /// <param name="isRoot">True when the process runs as root.</param>
    /// <param name="environment">Reads an environment variable.</param>
    public static string DefaultHome(bool isRoot, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (isRoot)
            return "/opt/chunkota";
        if (environment("XDG_DATA_HOME") is { Length: > 0 } data && Path.IsPathRooted(data))
            return Path.Combine(data, "chunkota");
        return Path.Combine(environment("HOME") ?? "/", ".local", "share", "chunkota");
    }
}
