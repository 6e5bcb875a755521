using System.CommandLine;
using System.Text.Json.Nodes;
using ChunkOta.Cli;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary><c>store migrate</c>: moves catalogue and objects to other places.</summary>
internal sealed class StoreMigrateVerb : ServerVerb
{
    private readonly SettingsOptions _settings = new();

    private readonly Option<string> _to = new("--to")
    {
        Description = "The settings file of the server to be. Its Catalogue and Objects say where to; its data folder "
            + "is the same unless Data names another.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<bool> _objectsOnly = new("--objects-only")
    {
        Description = "Copy what is missing of the objects, also while the server runs; the catalogue stays.",
    };

    public StoreMigrateVerb(VerbContext context) : base(context, "migrate",
        "Moves the store of a server to other places, whichever differ: the catalogue between SQLite and PostgreSQL, "
        + "the objects between a folder and a bucket. Copy the objects with --objects-only while the server runs, as "
        + "often as you like. Then stop all servers and run it without: the rest of the objects, then the catalogue in "
        + "one transaction. Each object is verified by its digest, each table by its rows. A run that was interrupted "
        + "is repeated. Nothing is removed from the source.",
        "ota-server store migrate --config /etc/chunkota/server.json --data /var/lib/chunkota --to new.json "
        + "--objects-only",
        "ota-server store migrate --config /etc/chunkota/server.json --data /var/lib/chunkota --to new.json")
    {
        Add(_to);
        Add(_objectsOnly);
        _settings.AddTo(this);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var from = _settings.Load(parsed);
        var to = SettingsLoader.Load(parsed.GetValue(_to), [], from.Data);
        var isObjectsOnly = parsed.GetValue(_objectsOnly);
        var lines = new ProgressLines(Terminal.Error, Clock, TextOf);
        var report = await new StoreMigration(from, to, lines, lines).RunAsync(isObjectsOnly, cancellationToken);
        if (IsJson(parsed))
            Terminal.Out.WriteLine(ToJson(report).ToJsonString());
        else
            Write(report, isObjectsOnly);
    }

    private void Write(MigrationReport report, bool isObjectsOnly)
    {
        if (report.Objects is { } objects)
        {
            Terminal.WriteLine(TextOf(objects));
            if (objects.Lost.Count > 0)
                Terminal.WriteLine($"left out, known as lost: {Printable.Count(objects.Lost.Count, "object")}");
            if (objects.LostDeltas > 0)
                Terminal.WriteLine($"left out: {Printable.Count(objects.LostDeltas, "delta")}; it is built again");
        }

        if (report.Tables is { } tables)
            Terminal.WriteLine(
                $"catalogue: {Printable.Count(tables.Sum(table => table.Rows), "row")} in "
                + $"{Printable.Count(tables.Count, "table")}, verified");
        Terminal.WriteLine(isObjectsOnly
            ? "next: stop all servers, and run the command again without --objects-only"
            : "next: start the server with the new settings; keep the old store until releases install from the new");
    }

    private static string TextOf(ObjectFigures objects) =>
        $"objects: {Printable.Count(objects.Objects, "object")} of {SizeText.Of(objects.Bytes)} in the new place, "
        + $"{Printable.Count(objects.Copied, "object")} of {SizeText.Of(objects.CopiedBytes)} by this run";

    private static JsonObject ToJson(MigrationReport report) => new()
    {
        ["objects"] = report.Objects is not { } objects ? null : new JsonObject
        {
            ["objects"] = objects.Objects,
            ["bytes"] = objects.Bytes,
            ["copied"] = objects.Copied,
            ["copied_bytes"] = objects.CopiedBytes,
            ["lost"] = objects.Lost.Count,
            ["lost_deltas"] = objects.LostDeltas,
        },
        ["tables"] = report.Tables is not { } tables ? null : new JsonArray(
        [
            .. tables.Select(table => (JsonNode)new JsonObject
            {
                ["table"] = table.Table,
                ["rows"] = table.Rows,
                ["digest"] = table.Digest.ToString(),
            }),
        ]),
    };
}
