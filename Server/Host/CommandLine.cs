namespace ChunkOta.Server;

/// <summary>The commands of ota-server.</summary>
internal enum ServerVerb
{
    Help,
    Version,
    Run,
    CheckSettings,
}

/// <summary>The parsed command line of ota-server.</summary>
/// <param name="Verb">The command.</param>
/// <param name="SettingsFile">The value of <c>--config</c>; null for none.</param>
/// <param name="Assignments"><c>Section:Key=value</c>, and <c>Data</c> from <c>--data</c>.</param>
internal sealed record CommandLine(
    ServerVerb Verb,
    string? SettingsFile = null,
    IReadOnlyList<KeyValuePair<string, string?>>? Assignments = null)
{
    public const string Help = """
        ota-server: stores releases, receives them from publishers and serves them to devices.

          ota-server run --data DIR [--config FILE] [Section:Key=value …]
              Serves until SIGTERM or Ctrl-C. Prints one line of JSON to stdout when it is ready; logs go to stderr.
              The first start creates DIR with a self-signed TLS certificate and an admin token (DIR/admin.token).
          ota-server config check [--data DIR] [--config FILE] [Section:Key=value …]
              Checks the settings and prints those that would take effect.
          ota-server --version
          ota-server --help

        Settings come from FILE (JSON, comments allowed), from OTA_SERVER__Section__Key in the environment and from the
        command line; later ones win. docs/server.md lists them.
        """;

    /// <summary>Parses the arguments.</summary>
    /// <exception cref="ChunkOtaException">USAGE: an argument is unknown or lacks its value.</exception>
    public static CommandLine Parse(string[] arguments) => arguments switch
    {
        ["--version"] => new(ServerVerb.Version),
        [] or ["--help" or "-h" or "-?"] or [_, "--help" or "-h" or "-?"] => new(ServerVerb.Help),
        ["run", .. var rest] => ParseSettings(ServerVerb.Run, rest),
        ["config", "check", .. var rest] => ParseSettings(ServerVerb.CheckSettings, rest),
        _ => throw Usage($"unknown command: '{string.Join(' ', arguments)}'"),
    };

    private static CommandLine ParseSettings(ServerVerb verb, string[] arguments)
    {
        string? file = null;
        var assignments = new List<KeyValuePair<string, string?>>();
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            var equals = argument.IndexOf('=');
            var name = equals < 0 ? argument : argument[..equals];
            switch (name)
            {
                case "--data": assignments.Add(new("Data", Value())); break;
                case "--config": file = Value(); break;
                case "--help" or "-h": return new(ServerVerb.Help);
                case not "" when equals > 0 && !name.StartsWith('-'):
                    assignments.Add(new(name, argument[(equals + 1)..]));
                    break;
                default: throw Usage($"unknown argument: '{argument}'");
            }

            string Value() =>
                equals >= 0 ? argument[(equals + 1)..]
                : ++i < arguments.Length ? arguments[i]
                : throw Usage($"the argument needs a value: {argument}");
        }

        return new(verb, file, assignments);
    }

    private static ChunkOtaException Usage(string what) =>
        new(ErrorCodes.Usage, $"{what}: see ota-server --help");
}
