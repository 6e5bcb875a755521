using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ChunkOta.Cli;

namespace ChunkOta.Server;

/// <summary><c>config check</c>: says which settings would take effect, or what is wrong with them.</summary>
internal sealed class ConfigCheckVerb : ServerVerb
{
    private readonly SettingsOptions _settings = new();

    public ConfigCheckVerb(VerbContext context) : base(context, "check",
        "Checks the settings and prints those that would take effect. A PostgreSQL database is connected to; a bucket "
        + "is checked by an object that is put, read and deleted.",
        "ota-server config check --data /var/lib/chunkota",
        "ota-server config check --config /etc/chunkota/server.json --json") =>
        _settings.AddTo(this);

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var loaded = _settings.Load(parsed);
        StoreOpening.CheckCatalogue(loaded.Catalogue);
        await StoreOpening.CheckObjectsAsync(loaded.Objects, cancellationToken);
        await StoreOpening.CheckReplicaAsync(loaded.Replica, cancellationToken);
        var settings = SettingsLoader.Enumerate(loaded);
        if (IsJson(parsed))
            Terminal.Out.WriteLine(Json(settings).ToJsonString());
        else
            foreach (var (key, value) in settings)
                Terminal.WriteLine($"{key}={Text(value)}");
    }

    /// <summary>An object of settings under their full names, so that each can be looked up as it is written.</summary>
    private static JsonObject Json(IEnumerable<KeyValuePair<string, object?>> settings)
    {
        var values = new JsonObject();
        foreach (var (key, value) in settings)
            values[key] = value switch
            {
                int number => number,
                long number => number,
                bool flag => flag,
                IEnumerable<string> list => new JsonArray([.. list.Select(item => (JsonNode)item)]),
                _ => Text(value),
            };
        return new JsonObject { ["settings"] = values };
    }

    private static string Text(object? value) => value is IEnumerable<string> list
        ? string.Join(' ', list)
        : string.Create(CultureInfo.InvariantCulture, $"{value}");
}
