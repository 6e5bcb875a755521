using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary>The options that every verb of ota-agent takes.</summary>
internal sealed class HomeOptions()
    : CommonOptions("the install token travels in the clear; content is still verified")
{
    /// <summary>The agent's folder.</summary>
    public Option<string?> Home { get; } = new("--home")
    {
        Description = "The folder that everything is kept in. Default: OTA_HOME, else /opt/chunkota for root, else "
            + "$XDG_DATA_HOME/chunkota or ~/.local/share/chunkota.",
        HelpName = "DIR",
        Recursive = true,
    };

    /// <inheritdoc/>
    protected override void AddOwnTo(RootCommand root) => root.Add(Home);

    /// <summary>Returns the agent's settings, from the options and the environment.</summary>
    public AgentOptions ToAgentOptions(ParseResult parsed) => new()
    {
        Home = parsed.GetValue(Home) ?? Variable("OTA_HOME")
            ?? AgentOptions.DefaultHome(Environment.IsPrivilegedProcess, Variable),
        CaFile = parsed.GetValue(Ca),
        IsPlaintextAllowed = parsed.GetValue(Plaintext),
    };
}
