using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>trust</c>: verifies a server by another key or authority, or finds it at another address.</summary>
internal sealed class TrustVerb : AgentVerb
{
    private readonly AgentContext _context;
    private readonly Argument<string?> _product = OptionalProduct();

    private readonly Option<string?> _token = new("--install-token")
    {
        Description = "Pin the server's TLS key that this fresh install token names: @FILE, - for standard input, or "
            + "the token itself. Default: OTA_INSTALL_TOKEN. A server that has lost its records enrols the device "
            + "again.",
        HelpName = "@FILE",
    };

    private readonly Option<string?> _server = new("--server")
    {
        Description = "Follow the server at this address from now on.",
        HelpName = "URL",
    };

    private readonly Option<bool> _system = new("--system-ca")
    {
        Description = "Trust the certificate authorities of this system, instead of a pinned key or a --ca file.",
    };

    private readonly Option<bool> _isUnchecked = new("--no-check")
    {
        Description = "Save without asking the server: for a key or address that it does not have yet.",
    };

    /// <summary>Makes the command.</summary>
    public TrustVerb(AgentContext context)
        : base(
            context,
            "trust",
            "Changes how the server of installed products is verified, or its address; nothing is installed.",
            "ota-agent trust --install-token @token.txt",
            "ota-agent trust editor --ca company-ca.pem",
            "ota-agent trust --server https://updates.example.org:7443 --system-ca")
    {
        _context = context;
        Add(_product);
        Add(_token);
        Add(_server);
        Add(_system);
        Add(_isUnchecked);
    }

    /// <inheritdoc/>
    protected override bool IsChange => true;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var given = parsed.GetValue(_token) ?? CommonOptions.Variable("OTA_INSTALL_TOKEN");
        Check(parsed, given);
        var agent = OpenAgent(parsed);
        var token = given is null ? null : await SecretText.ReadAsync(given, Terminal.In, cancellationToken);
        var products = new List<TrustedProduct>();
        var failures = await ForEachAsync(parsed, _product, async product => products.Add(await agent.TrustAsync(
            new TrustRequest
            {
                Product = product,
                Server = parsed.GetValue(_server),
                InstallToken = token,
                UsesSystemAuthorities = parsed.GetValue(_system),
                IsUnchecked = parsed.GetValue(_isUnchecked),
            },
            cancellationToken)));
        if (IsJson(parsed))
        {
            Terminal.WriteJson(new TrustReport(products, failures.Failed, failures.Worst), ReportJson.Trust);
            return failures.ExitCode;
        }
        foreach (var product in products)
        {
            var isChecked = product.IsChecked ? "" : " (not checked)";
            Terminal.WriteLine($"{product.Product} trusts {product.Server} by {product.ServerTrust}{isChecked}");
        }
        return failures.ExitCode;
    }

    private void Check(ParseResult parsed, string? token)
    {
        var ca = parsed.GetValue(_context.Home.Ca);
        var isSystem = parsed.GetValue(_system);
        if (ca is not null && isSystem)
            throw new ChunkOtaException(ErrorCodes.Usage, "--ca and --system-ca exclude each other");
        if (token is null && ca is null && !isSystem && parsed.GetValue(_server) is null)
        {
            throw new ChunkOtaException(
                ErrorCodes.Usage, "nothing to change: give --install-token, --ca, --system-ca or --server");
        }
        if (parsed.GetValue(_product) is null && (token ?? parsed.GetValue(_server)) is not null)
            RequireOne(parsed);
    }

    /// <summary>A token is for one product, and an address for the products of one server.</summary>
    private void RequireOne(ParseResult parsed)
    {
        var servers = OpenAgent(parsed).List().Select(product => product.Server).Distinct().Count();
        if (servers > 1)
        {
            throw new ChunkOtaException(
                ErrorCodes.Usage, "the installed products follow several servers: name the product");
        }
    }
}
