using System.CommandLine;

namespace ChunkOta.Agent.Cli;

/// <summary>The options that every verb takes.</summary>
internal sealed class CommonOptions
{
    /// <summary>Where everything lies.</summary>
    public Option<string?> Home { get; } = new("--home")
    {
        Description = "Where everything is kept. Else OTA_HOME, else /opt/chunkota for root, else "
            + "$XDG_DATA_HOME/chunkota or ~/.local/share/chunkota.",
        HelpName = "DIR",
        Recursive = true,
    };

    /// <summary>A file of certificate authorities.</summary>
    public Option<string?> Ca { get; } = new("--ca")
    {
        Description = "Believe the certificates of this PEM file (an authority's, or the server's own) and no others.",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>Cleartext beyond this machine.</summary>
    public Option<bool> Plaintext { get; } = new("--plaintext")
    {
        Description = "Allow http:// to another machine: the install token travels in the clear, content stays proved.",
        Recursive = true,
    };

    /// <summary>Answers for programs.</summary>
    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Answer with one JSON object on standard output.",
        Recursive = true,
    };

    /// <summary>Adds them to the root command.</summary>
    public void AddTo(RootCommand root)
    {
        root.Add(Home);
        root.Add(Ca);
        root.Add(Plaintext);
        root.Add(Json);
    }

    /// <summary>How to work, by the options and the environment.</summary>
    public AgentOptions ToAgentOptions(ParseResult parsed) => new()
    {
        Home = parsed.GetValue(Home) ?? Variable("OTA_HOME")
            ?? AgentOptions.DefaultHome(Environment.IsPrivilegedProcess, Variable),
        CaFile = parsed.GetValue(Ca),
        IsPlaintextAllowed = parsed.GetValue(Plaintext),
    };

    /// <summary>An environment variable that is not empty.</summary>
    public static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
