using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary>The options that every verb takes: which folder of the agent.</summary>
internal sealed class HomeOptions()
    : CommonOptions("the install token travels in the clear; content is still verified")
{
    /// <summary>Where everything lies.</summary>
    public Option<string?> Home { get; } = new("--home")
    {
        Description = "Where everything is kept. Else OTA_HOME, else /opt/chunkota for root, else "
            + "$XDG_DATA_HOME/chunkota or ~/.local/share/chunkota.",
        HelpName = "DIR",
        Recursive = true,
    };

    /// <inheritdoc/>
    protected override void AddOwnTo(RootCommand root) => root.Add(Home);

    /// <summary>How to work, by the options and the environment.</summary>
    public AgentOptions ToAgentOptions(ParseResult parsed) => new()
    {
        Home = parsed.GetValue(Home) ?? Variable("OTA_HOME")
            ?? AgentOptions.DefaultHome(Environment.IsPrivilegedProcess, Variable),
        CaFile = parsed.GetValue(Ca),
        IsPlaintextAllowed = parsed.GetValue(Plaintext),
    };
}
