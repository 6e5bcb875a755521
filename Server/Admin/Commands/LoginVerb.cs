using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>login</c>: keeps a server, its certificate and a token, so that later commands need none of
/// them.</summary>
internal sealed class LoginVerb : AdminVerb
{
    private const int MaxCaBytes = 256 * 1024;

    private readonly Argument<string?> _url = new("URL")
    {
        Description = "The server, such as https://updates.example.com:7443. Else --server or OTA_SERVER.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public LoginVerb(AdminContext context) : base(context, "login",
        "Keeps a server, a copy of the --ca file and a token in a profile, so that later commands need none of them. "
        + "Checks first that the server answers and accepts the token. The profile is a file in "
        + "$XDG_CONFIG_HOME/chunkota (else ~/.config/chunkota) that only its owner can read.",
        "# The first login, with what the server's first start wrote to its data folder:",
        "ota-admin login https://updates.example.com:7443 --token @admin.token --ca tls.crt",
        "# A second server, under a name of its own:",
        "ota-admin login https://staging.example.com:7443 --token @staging.token --profile staging") => Add(_url);

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var given = GivenServer(parsed);
        var name = given.Profile ?? CommonOptions.Variable("OTA_PROFILE") ?? ProfileFolder.DefaultName;
        var folder = OfUser();
        var file = folder.PathOf(name);
        var profile = await ReadAsync(given, parsed.GetValue(_url), cancellationToken);
        var version = await CheckAsync(profile, Observer(parsed), cancellationToken);
        folder.Save(name, profile);
        if (IsJson(parsed))
            Terminal.WriteJson(new LoginReport(name, profile.Server, version, file), AdminJson.Default.LoginReport);
        else
            Terminal.WriteLine($"logged in to {profile.Server} (ota-server {version}), kept in {file}");
    }

    /// <summary>The folder of profiles.</summary>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: the environment names no folder.</exception>
    internal static ProfileFolder OfUser() => ProfileFolder.OfUser(CommonOptions.Variable)
        ?? throw new ChunkOtaException(
            ErrorCodes.ConfigInvalid, "no folder for profiles: neither XDG_CONFIG_HOME nor HOME is set: set one");

    private async Task<Profile> ReadAsync(GivenServer given, string? argument, CancellationToken cancellationToken)
    {
        if (argument is not null && given.Server is not null)
            throw new ChunkOtaException(ErrorCodes.Usage, "the server is given twice: give URL or --server");
        var url = argument ?? given.Server ?? CommonOptions.Variable("OTA_SERVER")
            ?? throw new ChunkOtaException(ErrorCodes.Usage, "no server: give URL (see 'ota-admin login --help')");
        var address = ServerAddress.Parse(url, given.IsPlaintextAllowed);
        var token = await Session.ReadTokenAsync(
            given.Token ?? CommonOptions.Variable("OTA_TOKEN"), Terminal.In, cancellationToken);
        var ca = given.Ca ?? CommonOptions.Variable("OTA_CA");
        return new Profile(address.ToString(), token)
        {
            Ca = ca is null ? null : ReadCa(ca),
            CaFile = ca is null ? null : Path.GetFullPath(ca),
            IsPlaintextAllowed = given.IsPlaintextAllowed,
        };
    }

    private static string ReadCa(string path)
    {
        ServerTrust.FromFile(path);
        return new FileInfo(path).Length <= MaxCaBytes
            ? PlainText.Read(File.ReadAllBytes(path), path)
            : throw new ChunkOtaException(ErrorCodes.TooLarge,
                $"the file of certificates is too large: {path}: at most {Printable.Bytes(MaxCaBytes)}");
    }

    /// <summary>Asks the server for what the token allows: nothing is kept that does not work.</summary>
    /// <returns>The server's version.</returns>
    private static async Task<string> CheckAsync(
        Profile profile, CallObserver? observer, CancellationToken cancellationToken)
    {
        var trust = profile.Ca is { } pem
            ? ServerTrust.FromPem(pem, profile.CaFile ?? "--ca")
            : ServerTrust.System;
        using var session = Session.Open(
            ServerAddress.Parse(profile.Server, profile.IsPlaintextAllowed), trust, profile.Token, observer);
        var server = await session.Administration.GetServerAsync(
            new GetServerRequest(), cancellationToken: cancellationToken);
        await session.Administration.ListProductsAsync(
            new ListProductsRequest(), cancellationToken: cancellationToken);
        return server.Version;
    }
}
