namespace ChunkOta.Agent;

/// <summary>How an agent works, whatever it is asked to do.</summary>
public sealed record AgentOptions
{
    /// <summary>The directory that everything of this agent lies in.</summary>
    public required string Home { get; init; }

    /// <summary>A PEM file of certificate authorities that the server's certificate must come from, if given.</summary>
    public string? CaFile { get; init; }

    /// <summary>Whether <c>http://</c> to another machine is accepted.</summary>
    public bool IsPlaintextAllowed { get; init; }

    /// <summary>The home that is used where none is named: <c>/opt/chunkota</c> for root, else the user's data directory.</summary>
    /// <param name="isRoot">Whether the process runs as root.</param>
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

/// <summary>What <c>install</c> and <c>upgrade</c> are asked for.</summary>
public sealed record UpdateRequest
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The server; null: the one that the product was installed from.</summary>
    public string? Server { get; init; }

    /// <summary>The install token's text, for a product that this device is not enrolled for yet.</summary>
    public string? InstallToken { get; init; }

    /// <summary>The version; null for what the channel says.</summary>
    public string? Version { get; init; }

    /// <summary>The channel; null for the one followed so far, or the token's.</summary>
    public string? Channel { get; init; }

    /// <summary>The platform, .NET RID spelling; null for the one installed, or this machine's.</summary>
    public string? Platform { get; init; }

    /// <summary>Whether to say what would be done and stop there. Enrolment is done all the same.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>How files that do not change are taken over from an installed release.</summary>
    public LinkMode Link { get; init; }

    /// <summary>How many releases stay installed, at least 2: the current one and the one before.</summary>
    public int Keep { get; init; } = 2;
}
