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
    /// <param name="choice">Which server, and with which token.</param>
    /// <param name="input">Standard input, for a token given as <c>-</c>.</param>
    /// <param name="observer">Is told of each call; null for nobody.</param>
    /// <exception cref="ChunkOtaException">
    /// <c>CONFIG_INVALID</c>, <c>PLAINTEXT_REFUSED</c>; <c>TOKEN_INVALID</c>: none given, or mistyped.
    /// </exception>
    public static async Task<Session> OpenAsync(
        ServerChoice choice, TextReader input, CallObserver? observer, CancellationToken cancellationToken)
    {
        var address = ServerAddress.Parse(choice.Server, choice.IsPlaintextAllowed);
        var token = await ReadTokenAsync(choice.Token, input, cancellationToken);
        return Open(address, choice.Trust, token, observer);
    }

    /// <summary>Prepares a connection with a token that was read; nothing is sent yet.</summary>
    public static Session Open(
        ServerAddress address, ServerTrust trust, string token, CallObserver? observer = null)
    {
        var meter = new WireMeter();
        return new Session(
            ServerConnection.Open(address, trust, meter, new BearerAuthorization(token), observer), meter);
    }

    /// <summary>The access token that a user handed over.</summary>
    /// <param name="given"><c>@FILE</c>, <c>-</c> or the token itself; null for none.</param>
    /// <param name="input">Standard input.</param>
    /// <exception cref="ChunkOtaException"><c>TOKEN_INVALID</c>: none given, or mistyped.</exception>
    public static async Task<string> ReadTokenAsync(
        string? given, TextReader input, CancellationToken cancellationToken)
    {
        if (given is null)
        {
            throw new ChunkOtaException(ErrorCodes.TokenInvalid,
                "no token: run ota-admin login URL once, or give --token @FILE or OTA_TOKEN (the server's first token "
                + "is in DATA/admin.token)");
        }

        var text = await SecretText.ReadAsync(given, input, cancellationToken);
        if (AccessToken.TryParse(text, out _))
            return text;
        throw new ChunkOtaException(ErrorCodes.TokenInvalid, InstallToken.TryParse(text, out _)
            ? "this is an install token, which is for ota-agent: give an access token (coa_...)"
            : "the token is not an access token (coa_...), or it was truncated or mistyped: copy it again");
    }

    public void Dispose() => _connection.Dispose();
}
