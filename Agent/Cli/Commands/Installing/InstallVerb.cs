using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>install</c>: enrols the device if needed, and makes a release of a product current.</summary>
internal sealed class InstallVerb : UpdateVerb
{
    private readonly Argument<string> _product = Product();

    private readonly Option<string?> _server = new("--server")
    {
        Description = "The server. Default: OTA_SERVER, else the server the product was installed from.",
        HelpName = "URL",
    };

    private readonly Option<string?> _token = new("--install-token")
    {
        Description = "The token, for a product that this device is not enrolled for yet: @FILE, - for standard input, "
            + "or the token itself, which other users of this machine can then see. Default: OTA_INSTALL_TOKEN.",
        HelpName = "@FILE",
    };

    private readonly Option<string?> _platform = new("--platform")
    {
        Description = "The platform, such as linux-x64 or any. Default: this machine's.",
        HelpName = "RID",
    };

    /// <summary>Makes the command.</summary>
    public InstallVerb(AgentContext context)
        : base(
            context,
            "install",
            "Installs a product, or brings it up to date.",
            "ota-agent install editor --server https://ota.example.org:7443 --install-token @token.txt",
            "ota-agent install editor --server http://127.0.0.1:7080 --install-token - < token.txt",
            "ota-agent install editor --version 2.1.0 --dry-run")
    {
        Add(_product);
        Add(_server);
        Add(_token);
        Add(_platform);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var given = parsed.GetValue(_token) ?? CommonOptions.Variable("OTA_INSTALL_TOKEN");
        var request = new UpdateRequest
        {
            Product = parsed.GetRequiredValue(_product),
            Server = parsed.GetValue(_server) ?? CommonOptions.Variable("OTA_SERVER"),
            InstallToken = given is null ? null : await SecretText.ReadAsync(given, Terminal.In, cancellationToken),
            Version = parsed.GetValue(Version),
            Channel = parsed.GetValue(Channel),
            Platform = parsed.GetValue(_platform),
            IsDryRun = parsed.GetValue(DryRunOption),
            Keep = Given(parsed, KeepOption),
            Link = Given(parsed, Link),
            VerifiesInFull = parsed.GetValue(VerifyOption),
        };
        var result = await UpdateAsync(
            parsed, (agent, progress) => agent.InstallAsync(request, progress, cancellationToken));
        if (IsJson(parsed))
            Terminal.WriteJson(result, ReportJson.Update);
        else
            UpdateReport.Write(Terminal, result);
        return ExitCodeOf(result);
    }
}
