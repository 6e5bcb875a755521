using System.CommandLine;

namespace ChunkOta.Server;

/// <summary>The arguments by which a verb gets the server's settings.</summary>
internal sealed class SettingsOptions
{
    private readonly Option<string?> _data = new("--data")
    {
        Description = "The data folder; the same as Data=DIR.",
        HelpName = "DIR",
    };

    private readonly Option<string?> _config = new("--config")
    {
        Description = "A settings file: JSON, comments allowed.",
        HelpName = "FILE",
    };

    private readonly Argument<string[]> _assignments = new("Section:Key=value")
    {
        Description = "Settings, which win over FILE and over OTA_SERVER__Section__Key in the environment. "
            + "docs/server.md lists them.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public void AddTo(Command command)
    {
        command.Add(_data);
        command.Add(_config);
        command.Add(_assignments);
        _assignments.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (token.Value.IndexOf('=') <= 0 || token.Value.StartsWith('-'))
                    result.AddError($"'{token.Value}' is not a setting: write Section:Key=value");
            }
        });
    }

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="SettingsInvalidException">Settings are unknown, unreadable or invalid; it names all
    /// faults.</exception>
    public ServerSettings Load(ParseResult parsed) =>
        SettingsLoader.Load(parsed.GetValue(_config), Assignments(parsed));

    /// <summary>The settings that the command line names, split at the equals sign.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Assignments(ParseResult parsed)
    {
        var assignments = new List<KeyValuePair<string, string?>>();
        if (parsed.GetValue(_data) is { } folder) assignments.Add(new("Data", folder));
        foreach (var text in parsed.GetValue(_assignments) ?? [])
        {
            var equals = text.IndexOf('=');
            assignments.Add(new(text[..equals], text[(equals + 1)..]));
        }

        return assignments;
    }
}
