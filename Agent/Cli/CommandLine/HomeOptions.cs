using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Client;

namespace ChunkOta.Agent.Cli;

/// <summary>The options that every verb of ota-agent takes.</summary>
internal sealed class HomeOptions()
    : ClientOptions("the install token travels unencrypted; content is still verified")
{
    private const string SettingPrefix = "OTA_AGENT__";

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

    /// <summary>Settings on the command line, for the verbs that take them.</summary>
    public Argument<string[]> Assignments { get; } = MakeAssignments();

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
        Variable,
        AssignmentsOf(parsed));

    /// <summary>Lists the settings of the environment, then those of the command line, which win.</summary>
    private List<KeyValuePair<string, string>> AssignmentsOf(ParseResult parsed)
    {
        var assignments = new List<KeyValuePair<string, string>>();
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable is { Key: string name, Value: string value }
                && name.StartsWith(SettingPrefix, StringComparison.Ordinal))
            {
                var key = name[SettingPrefix.Length..].Replace("__", ":", StringComparison.Ordinal);
                assignments.Add(new(key, value));
            }
        }
        foreach (var text in parsed.GetValue(Assignments) ?? [])
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            assignments.Add(new(text[..equals], text[(equals + 1)..]));
        }
        return assignments;
    }

    private static Argument<string[]> MakeAssignments()
    {
        var assignments = new Argument<string[]>("Section:Key=value")
        {
            Description = "Settings, which win over the file and over OTA_AGENT__Section__Key in the environment. "
                + "docs/agent.md lists them.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        assignments.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (token.Value.IndexOf('=', StringComparison.Ordinal) <= 0 || token.Value.StartsWith('-'))
                    result.AddError($"'{token.Value}' is not a setting: write Section:Key=value");
            }
        });
        return assignments;
    }

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
