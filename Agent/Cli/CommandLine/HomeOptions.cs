using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Client;

namespace ChunkOta.Agent.Cli;

/// <summary>The options that every verb of ota-agent takes.</summary>
internal sealed class HomeOptions()
    : ClientOptions("the install token travels unencrypted; content is still verified")
{
    /// <summary>The agent's folder.</summary>
    public Option<string?> Home { get; } = new("--home")
    {
        Description = "The folder that everything is kept in. Default: OTA_HOME, else /opt/chunkota for root, else "
            + "$XDG_DATA_HOME/chunkota or ~/.local/share/chunkota.",
        HelpName = "DIR",
        Recursive = true,
    };

    /// <summary>The file of settings.</summary>
    public Option<string?> Config { get; } = new("--config")
    {
        Description = "The file of settings. Default: OTA_AGENT_CONFIG, else /etc/chunkota/ota-agent.json for root, "
            + "else $XDG_CONFIG_HOME/chunkota/ota-agent.json or ~/.config/chunkota/ota-agent.json, if it exists.",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <inheritdoc/>
    protected override void AddOwnTo(RootCommand root)
    {
        root.Add(Home);
        root.Add(Config);
        base.AddOwnTo(root);
    }

    /// <summary>Returns the agent's settings, from the options and the environment.</summary>
    public AgentOptions ToAgentOptions(ParseResult parsed, Terminal terminal) =>
        ToAgentOptions(parsed, terminal, LoadSettings(parsed));

    /// <summary>Returns the agent's settings, from the options, the environment and a file that was read.</summary>
    public AgentOptions ToAgentOptions(ParseResult parsed, Terminal terminal, AgentSettings settings) => new()
    {
        Home = HomeOf(parsed.GetValue(Home), Environment.IsPrivilegedProcess, Variable),
        CaFile = parsed.GetValue(Ca),
        IsPlaintextAllowed = parsed.GetValue(Plaintext),
        MinimumBytesPerSecond = settings.MinimumBytesPerSecond,
        StallSeconds = settings.StallSeconds,
        Products = settings.Products,
        Observer = Diagnostics(parsed, terminal) is { SaysCalls: true } diagnostics
            ? new CallObserver(diagnostics.Call)
            : null,
    };

    /// <summary>Reads the file of settings.</summary>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>.</exception>
    public AgentSettings LoadSettings(ParseResult parsed) => SettingsFile.Load(
        parsed.GetValue(Config) ?? (Variable("OTA_AGENT_CONFIG") is { Length: > 0 } file ? file : null),
        Environment.IsPrivilegedProcess,
        Variable);

    /// <summary>Returns the absolute path of the home.</summary>
    /// <param name="option">The value of <c>--home</c>; null where it was not given.</param>
    /// <param name="isRoot">True when the process runs as root.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: there is no such path.</exception>
    internal static string HomeOf(string? option, bool isRoot, Func<string, string?> environment)
    {
        if (option is not null)
            return Absolute(option);
        if (environment("OTA_HOME") is not { Length: > 0 } home)
            return AgentOptions.DefaultHome(isRoot, environment);
        // A timer, a shell and a service start the agent in different directories: it must be one home for all.
        return Path.IsPathRooted(home)
            ? home
            : throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid, $"OTA_HOME is not an absolute path: '{home}': set it to one");
    }

    private static string Absolute(string home)
    {
        try
        {
            return Path.GetFullPath(home);
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid,
                $"--home '{home}' cannot be resolved in the current directory: give an absolute path", e);
        }
    }
}
