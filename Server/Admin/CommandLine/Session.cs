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
    public static async Task<Session> OpenAsync(
        AdminOptions common, TextReader input, ParseResult parsed, CancellationToken cancellationToken)
    {
        var url = parsed.GetValue(common.Server) ?? CommonOptions.Variable("OTA_SERVER") ?? AdminOptions.DefaultServer;
        var address = ServerAddress.Parse(url, parsed.GetValue(common.Plaintext));
        var trust = parsed.GetValue(common.Ca) is { } file ? ServerTrust.FromFile(file) : ServerTrust.System;
        var token = await TokenAsync(common, input, parsed, cancellationToken);
        var meter = new WireMeter();
        return new Session(ServerConnection.Open(address, trust, meter, new BearerAuthorization(token)), meter);
    }

    public void Dispose() => _connection.Dispose();

    private static async Task<string> TokenAsync(
        AdminOptions common, TextReader input, ParseResult parsed, CancellationToken cancellationToken)
    {
        var given = parsed.GetValue(common.Token) ?? CommonOptions.Variable("OTA_TOKEN")
            ?? throw new ChunkOtaException(ErrorCodes.TokenInvalid,
                "no token: give --token @FILE or OTA_TOKEN (the server's first is in DATA/admin.token)");
        var text = await SecretText.ReadAsync(given, input, cancellationToken);
        return AccessToken.TryParse(text, out _)
            ? text
            : throw new ChunkOtaException(ErrorCodes.TokenInvalid,
                "the token is not an access token (coa_...), or it was truncated or mistyped: copy it again");
    }
}
