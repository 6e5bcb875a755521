using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>tokens create</c>: makes a token and prints it, once.</summary>
internal sealed class TokensCreateVerb : AdminVerb
{
    private const uint AnyNumber = 0;
    private const uint DefaultUses = 100;

    private static readonly TimeSpan DefaultLife = TimeSpan.FromDays(30);

    private readonly Option<string> _role = new Option<string>("--role")
    {
        Description = "install enrols devices, publisher publishes one product, reader reads, admin may do everything.",
        Required = true,
    }.OneOf("install", "publisher", "reader", "admin");

    private readonly Option<string?> _product = new("--product", "-p")
    {
        Description = "What it is for; install and publisher tokens need it, else OTA_PRODUCT.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _channel = new("--channel")
    {
        Description = "The channel that its devices follow; install tokens need it, else OTA_CHANNEL.",
        HelpName = "NAME",
    };

    private readonly Option<TimeSpan?> _expires = new("--expires")
    {
        Description = "How long it is good for, or never. Default: 30d for an install token, never for the others.",
        HelpName = "SPAN|never",
        CustomParser = result =>
            result.Tokens is [{ Value: "never" }] ? Timeout.InfiniteTimeSpan : Durations.Parse(result),
    };

    private readonly Option<uint?> _uses = new("--uses")
    {
        Description = "Install tokens: how many devices it enrols, or unlimited. Default: 100.",
        HelpName = "N|unlimited",
        CustomParser = ParseUses,
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

    private readonly Option<string?> _out = new("--out")
    {
        Description = "Write the token to this file, which only its owner can read, and nothing to standard output.",
        HelpName = "FILE",
    };

    public TokensCreateVerb(AdminContext context) : base(context, "create",
        "Makes a token. It is shown once: in the file of --out, else alone on standard output. A token that cannot be "
        + "written is revoked.",
        "ota-admin tokens create --role install --product app --channel stable --root keys/root.json --out "
        + "install.token",
        "ota-admin tokens create --role publisher --product app --expires 90d --label ci --out publisher.token",
        "# On standard output, for a secret store:",
        "ota-admin tokens create --role publisher --product app --json")
    {
        Add(_role);
        Add(_product);
        Add(_channel);
        Add(_expires);
        Add(_uses);
        Add(_label);
        Add(_root);
        Add(_out);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var request = Request(parsed);
        var chain = parsed.GetValue(_root) is { } rootFile ? KeyFolder.ReadChain(rootFile) : null;
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        using var file = parsed.GetValue(_out) is { } path ? TokenFile.Create(path) : null;
        var created = await session.Administration.CreateTokenAsync(request, cancellationToken: cancellationToken);
        if (chain is not null)
            await CheckPinAsync(session, created, chain);
        try
        {
            if (file is null)
                Print(parsed, created, null);
            else
                file.Write(created.Token);
            if (file is null && Terminal.OutFailure is { } reason)
                throw new IOException(reason);
        }
        catch (Exception failure) when (failure is IOException or ChunkOtaException)
        {
            // Nobody has seen it, and nobody can: it must not stay valid.
            var fate = await TryRevokeAsync(session, created);
            throw new ChunkOtaException(
                ErrorCodes.IoError, $"the token could not be written: {fate}: {failure.Message}", failure);
        }

        if (file is not null) Print(parsed, created, file);
        if (request.Role == TokenRole.Install && !IsJson(parsed))
            Terminal.Error.WriteLine(Describe(request));
    }

    private void Print(ParseResult parsed, CreateTokenResponse created, TokenFile? file)
    {
        if (IsJson(parsed))
        {
            Terminal.WriteJson(
                new TokenReport(
                    file is null ? created.Token : null, created.TokenId, parsed.GetRequiredValue(_role), file?.Path),
                AdminJson.Default.TokenReport);
        }
        else if (file is not null)
        {
            Terminal.WriteLine($"token {created.TokenId} written to {file.Path}");
        }
        else
        {
            Terminal.Out.WriteLine(created.Token);
        }

        if (file is null && Terminal.OutFailure is { } reason)
            throw new ChunkOtaException(ErrorCodes.IoError, reason);
    }

    private CreateTokenRequest Request(ParseResult parsed)
    {
        var role = parsed.GetRequiredValue(_role);
        // Only for a role that needs them: an admin token is for no product, and a reader's may be for all.
        var product = parsed.GetValue(_product)
            ?? (role is "install" or "publisher" ? CommonOptions.Variable("OTA_PRODUCT") : null);
        var channel = parsed.GetValue(_channel) ?? (role == "install" ? CommonOptions.Variable("OTA_CHANNEL") : null);
        if (product is null && (role is "install" or "publisher"))
            throw new ChunkOtaException(ErrorCodes.Usage, $"a token of the role {role} needs --product");
        if (channel is null == (role == "install"))
            throw new ChunkOtaException(ErrorCodes.Usage, "an install token needs --channel, and no other takes it");
        if (role != "install" && (parsed.GetValue(_uses) is not null || parsed.GetValue(_root) is not null))
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
            ExpiresUnixSeconds = LifeOf(parsed, role) is { } life
                ? (Clock.GetUtcNow() + life).ToUnixTimeSeconds()
                : 0,
            Uses = parsed.GetValue(_uses) ?? (role == "install" ? DefaultUses : AnyNumber),
            Label = parsed.GetValue(_label) ?? "",
        };
    }

    /// <summary>The life of the token; null for ever.</summary>
    private TimeSpan? LifeOf(ParseResult parsed, string role)
    {
        var life = parsed.GetValue(_expires) ?? (role == "install" ? DefaultLife : Timeout.InfiniteTimeSpan);
        return life == Timeout.InfiniteTimeSpan ? null : life;
    }

    private static uint? ParseUses(ArgumentResult result)
    {
        var text = result.Tokens is [var token] ? token.Value : "";
        if (text == "unlimited")
            return AnyNumber;
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var uses) && uses > 0)
            return uses;
        result.AddError($"--uses must be a number of devices or unlimited, not '{text}'");
        return null;
    }

    /// <summary>The rights of whoever gets the token, for people.</summary>
    private static string Describe(CreateTokenRequest request)
    {
        var devices = request.Uses == AnyNumber
            ? "any number of devices"
            : $"at most {Printable.Count(request.Uses, "device")}";
        var until = request.ExpiresUnixSeconds == 0
            ? "and never expires"
            : $"until {Printable.Time(request.ExpiresUnixSeconds)}";
        return $"it enrols {devices} {until} (--uses, --expires)";
    }

    /// <summary>Devices trust the root that the token pins: it must be the publisher's own.</summary>
    private static async Task CheckPinAsync(
        Session session, CreateTokenResponse created, IReadOnlyList<VerifiedRoot> chain)
    {
        if (InstallToken.TryParse(created.Token, out var token) && chain.Any(root => root.Digest == token.RootDigest))
            return;
        var fate = await TryRevokeAsync(session, created);
        throw new ChunkOtaException(ErrorCodes.RootChain,
            chain[0].Version > 1
                ? $"the token pins a root older than root {chain[0].Version}, the oldest one beside the file: "
                    + $"{fate}; put the first root, root.1.json, there"
                : $"the token that the server made pins another trust root than the file's: {fate}");
    }

    /// <summary>Revokes a token that nobody gets.</summary>
    /// <returns>What became of it, for the message about the failure that led here.</returns>
    private static async Task<string> TryRevokeAsync(Session session, CreateTokenResponse created)
    {
        try
        {
            _ = await session.Administration.RevokeTokenAsync(new RevokeTokenRequest { TokenId = created.TokenId });
            return "it was revoked";
        }
        catch (ChunkOtaException)
        {
            return $"it is still valid: revoke it with ota-admin tokens revoke {created.TokenId}";
        }
    }
}
