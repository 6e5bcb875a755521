using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>tokens create</c>: makes a token and prints it, once.</summary>
internal sealed class TokensCreateVerb : AdminVerb
{
    private readonly Option<string> _role = new Option<string>("--role")
    {
        Description = "install enrols devices, publisher publishes one product, reader reads, admin may do everything.",
        Required = true,
    }.AcceptOnlyFromAmong("install", "publisher", "reader", "admin");

    private readonly Option<string?> _product = new("--product")
    {
        Description = "What it is for; install and publisher tokens need it.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _channel = new("--channel")
    {
        Description = "The channel that its devices follow; install tokens need it.",
        HelpName = "NAME",
    };

    private readonly Option<TimeSpan?> _expires = new("--expires")
    {
        Description = "How long it is good for; for ever unless said.",
        HelpName = "SPAN",
        CustomParser = result => OptionParsers.Duration(result),
    };

    private readonly Option<uint> _uses = new("--uses")
    {
        Description = "Install tokens: how many devices it enrols; any number unless said.",
        HelpName = "N",
    };

    private readonly Option<string?> _label = new("--label")
    {
        Description = "What it is for, in the list.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _root = new("--root")
    {
        Description = "Install tokens: refuse a token that pins another trust root than this file's.",
        HelpName = "FILE",
    };

    public TokensCreateVerb(AdminContext context) : base(context, "create",
        "Makes a token and prints it alone on standard output. It can never be read again.",
        "ota-admin tokens create --role install --product app --channel stable --root keys/root.json > install.token",
        "ota-admin tokens create --role publisher --product app --expires 90d --label ci > publisher.token")
    {
        Add(_role);
        Add(_product);
        Add(_channel);
        Add(_expires);
        Add(_uses);
        Add(_label);
        Add(_root);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var request = Request(parsed);
        var root = parsed.GetValue(_root) is { } file ? PublisherKeys.ReadRoot(file) : null;
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var created = await session.Administration.CreateTokenAsync(request, cancellationToken: cancellationToken);
        if (root is not null)
            await CheckPinAsync(session, created, root, cancellationToken);
        if (IsJson(parsed))
        {
            Terminal.WriteJson(
                new TokenReport(
                    created.Token, created.TokenId, parsed.GetRequiredValue(_role)), AdminJson.Default.TokenReport);
        }
        else
        {
            Terminal.Out.WriteLine(created.Token);
        }
    }

    private CreateTokenRequest Request(ParseResult parsed)
    {
        var role = parsed.GetRequiredValue(_role);
        var product = parsed.GetValue(_product);
        var channel = parsed.GetValue(_channel);
        if (product is null && (role is "install" or "publisher"))
            throw new ChunkOtaException(ErrorCodes.Usage, $"a token of the role {role} needs --product");
        if (channel is null == (role == "install"))
            throw new ChunkOtaException(ErrorCodes.Usage, "an install token needs --channel, and no other takes it");
        if (role != "install" && (parsed.GetValue(_uses) > 0 || parsed.GetValue(_root) is not null))
            throw new ChunkOtaException(ErrorCodes.Usage, "only an install token takes --uses and --root");
        if (product is not null)
            Names.CheckProduct(product);
        if (channel is not null)
            Names.CheckChannel(channel);
        return new CreateTokenRequest
        {
            Role = role switch
            {
                "install" => TokenRole.Install,
                "publisher" => TokenRole.Publisher,
                "reader" => TokenRole.Reader,
                _ => TokenRole.Admin,
            },
            Product = product ?? "",
            Channel = channel ?? "",
            ExpiresUnixSeconds = parsed.GetValue(_expires) is { } life
                ? (Clock.GetUtcNow() + life).ToUnixTimeSeconds()
                : 0,
            Uses = parsed.GetValue(_uses),
            Label = parsed.GetValue(_label) ?? "",
        };
    }

    /// <summary>Devices will believe the root that the token pins: it must be the publisher's own.</summary>
    private static async Task CheckPinAsync(
        Session session, CreateTokenResponse created, VerifiedRoot root, CancellationToken cancellationToken)
    {
        if (InstallToken.TryParse(created.Token, out var token) && token.RootDigest == root.Digest)
            return;
        await session.Administration.RevokeTokenAsync(
            new RevokeTokenRequest { TokenId = created.TokenId }, cancellationToken: cancellationToken);
        throw new ChunkOtaException(ErrorCodes.RootChain,
            "the token that the server made pins another trust root than the file's; it was revoked");
    }
}
