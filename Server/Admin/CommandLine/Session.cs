using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>A connection to the server that the options name, with its clients.</summary>
internal sealed class Session : IDisposable
{
    private readonly ServerConnection _connection;

    private Session(ServerConnection connection, WireMeter meter)
    {
        _connection = connection;
        Meter = meter;
        Administration = new Administration.AdministrationClient(connection.Invoker);
        Publishing = new Publishing.PublishingClient(connection.Invoker);
        Releases = new Protos.V1.Releases.ReleasesClient(connection.Invoker);
        Chunks = new ChunksClient(connection.Invoker);
    }

    public WireMeter Meter { get; }

    public Administration.AdministrationClient Administration { get; }

    public Publishing.PublishingClient Publishing { get; }

    public Protos.V1.Releases.ReleasesClient Releases { get; }

    public ChunksClient Chunks { get; }

    /// <summary>Prepares the connection; nothing is sent yet.</summary>
    /// <exception cref="ChunkOtaException">
    /// <c>CONFIG_INVALID</c>, <c>PLAINTEXT_REFUSED</c>; <c>TOKEN_INVALID</c>: none given, or mistyped.
    /// </exception>
    public static Session Open(CommonOptions common, ParseResult parsed)
    {
        var url = parsed.GetValue(common.Server) ?? SharedOptions.Variable("OTA_SERVER") ?? CommonOptions.DefaultServer;
        var address = ServerAddress.Parse(url, parsed.GetValue(common.Plaintext));
        var trust = parsed.GetValue(common.Ca) is { } file ? ServerTrust.FromFile(file) : ServerTrust.System;
        var meter = new WireMeter();
        return new Session(ServerConnection.Open(address, trust, meter, new BearerAuthorization(Token(common, parsed))), meter);
    }

    public void Dispose() => _connection.Dispose();

    private static string Token(CommonOptions common, ParseResult parsed)
    {
        var given = parsed.GetValue(common.Token) ?? SharedOptions.Variable("OTA_TOKEN")
            ?? throw new ChunkOtaException(ErrorCodes.TokenInvalid,
                "no token: give --token @FILE or OTA_TOKEN (the server's first is in DATA/admin.token)");
        var text = SecretText.Read(given);
        return AccessToken.TryParse(text, out _)
            ? text
            : throw new ChunkOtaException(ErrorCodes.TokenInvalid, "this is no access token (coa_...), or it was cut or mistyped");
    }
}
