using System.CommandLine;
using System.Text.Json.Nodes;
using ChunkOta.Cli;
using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary><c>token</c>: makes an admin token for an operator who has the data folder but no token.</summary>
internal sealed class TokenVerb : ServerVerb
{
    private readonly SettingsOptions _settings = new();

    public TokenVerb(VerbContext context) : base(context, "token",
        "Makes another admin token and writes it to admin.token in the data folder (mode 0600), even while the server "
        + "runs. Run it as the server's user. Tokens made before stay valid.",
        "ota-server token --data /var/lib/chunkota") =>
        _settings.AddTo(this);

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = _settings.Load(parsed);
        using var data = DataFolder.OpenBeside(settings.Data, settings.Catalogue.IsInDataFolder());
        await using var catalogue = StoreOpening.OpenCatalogue(settings.Catalogue, data, TimeProvider.System);
        var id = await AdminToken.AddAsync(data, catalogue.Identities, TimeProvider.System);
        var file = data.PathOf(AdminToken.FileName);
        if (IsJson(parsed))
            Terminal.Out.WriteLine(new JsonObject { ["token_id"] = id, ["file"] = file }.ToJsonString());
        else
            Terminal.WriteLine($"made admin token {id} in {file}");
    }
}
