using System.Text.Json;
using ChunkOta.Durable;
using ChunkOta.Server.Core;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;

namespace ChunkOta.Server;

/// <summary>One run of the server, from its data folder to a clean stop.</summary>
internal static class ServerRun
{
    /// <summary>Serves until SIGTERM or SIGINT.</summary>
    /// <param name="settings">Checked.</param>
    /// <param name="output">Gets the ready line when all ports are open.</param>
    /// <exception cref="ChunkOtaException">The server cannot start.</exception>
    public static async Task ServeAsync(ServerSettings settings, TextWriter output)
    {
        NativeHeap.ReturnLargeBlocks();
        var clock = ServerClock.OfEnvironment();
        using var data = DataFolder.Open(settings.Data);
        using var certificate = ListenAddress.Parse(settings.Listen.Tls).IsOff
            ? null
            : TlsFiles.Open(data, settings.Tls, clock.GetUtcNow());
        await using var catalogue = SqliteCatalogue.Open(data.CataloguePath, clock);
        var objects = FileObjectStore.Open(data.ObjectsPath);
        using var store = new Store(
            catalogue, objects, ServerParts.StoreOptionsOf(settings, data.MakeScratchFolder(), clock));
        await AdminToken.EnsureAsync(data, catalogue.Identities, clock);

        var ports = new Ports(settings, certificate);
        await using var app = ServerHost.Build(
            settings, ports, clock, services => ServerParts.Add(services, settings, store, certificate));
        await StartAsync(app);

        var ready = new ReadyLine
        {
            Ready = true,
            Grpc = ports.GrpcUrl,
            Http = ports.HttpUrl,
            Tls = ports.TlsUrl,
            Data = data.Path,
            TlsSpkiSha256 = certificate is null ? null : Convert.ToHexStringLower(certificate.SpkiSha256),
            Version = ServerVersion.Text,
        };
        await output.WriteLineAsync(JsonSerializer.Serialize(ready, ServerJson.Default.ReadyLine));
        await output.FlushAsync();
        await app.WaitForShutdownAsync();
    }

    private static async Task StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (IOException failure)
        {
            throw new ChunkOtaException(ErrorCodes.ConfigInvalid, failure.Message, failure);
        }
    }
}
