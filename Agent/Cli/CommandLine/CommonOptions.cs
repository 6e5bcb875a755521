using System.CommandLine;
using ChunkOta.Cli;

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
    public Option<string?> Ca { get; } = SharedOptions.Ca();

    /// <summary>Cleartext beyond this machine.</summary>
    public Option<bool> Plaintext { get; } = SharedOptions.Plaintext(
        "the install token travels in the clear, content stays proved");

    /// <summary>Answers for programs.</summary>
    public Option<bool> Json { get; } = SharedOptions.Json();

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
        Home = parsed.GetValue(Home) ?? SharedOptions.Variable("OTA_HOME")
            ?? AgentOptions.DefaultHome(Environment.IsPrivilegedProcess, SharedOptions.Variable),
        CaFile = parsed.GetValue(Ca),
        IsPlaintextAllowed = parsed.GetValue(Plaintext),
    };
}
