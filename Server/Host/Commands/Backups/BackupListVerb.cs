using System.CommandLine;
using System.Text.Json.Nodes;
using ChunkOta.Cli;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary><c>backup list</c>: lists the complete backups.</summary>
internal sealed class BackupListVerb : ServerVerb
{
    private readonly SettingsOptions _settings = new();

    public BackupListVerb(VerbContext context) : base(context, "list",
        "Lists the complete backups, the newest first, by installation where several share the place. Objects are "
        + "stored once for all of them.",
        "ota-server backup list --data /var/lib/chunkota Backup:Folder=/mnt/backup") =>
        _settings.AddTo(this);

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var source = await BackupOpening.OpenSourceAsync(
            _settings.Load(parsed).Backup, TimeProvider.System, cancellationToken);
        var (backups, unreadable) = await new BackupStore(source.Objects).ListAsync(cancellationToken);
        if (IsJson(parsed))
        {
            var list = new JsonArray([.. backups.Select(backup => (JsonNode)BackupReport.ToJson(backup))]);
            var others = new JsonArray([.. unreadable.Select(name => (JsonNode)name.Digest.ToString())]);
            Terminal.Out.WriteLine(new JsonObject { ["backups"] = list, ["unreadable"] = others }.ToJsonString());
            return;
        }

        var areShared = backups.Select(backup => backup.Record.Installation).Distinct().Count() > 1;
        foreach (var backup in backups)
        {
            Terminal.WriteLine(
                $"{BackupReport.ShortName(backup)}  {BackupReport.TimeOf(backup)}  "
                + $"{Printable.Count(backup.Record.Objects, "object")}, {Printable.Bytes(backup.Record.Bytes)}"
                + (backup.Record.Lost > 0 ? $", without {backup.Record.Lost} lost" : "")
                + (areShared ? $", of installation {backup.Record.Installation:n}" : ""));
        }

        foreach (var name in unreadable) Terminal.WriteLine($"{name.Digest}  damaged, or of a newer program");
        if (backups.Count == 0) Terminal.WriteLine("no backups yet: make one with ota-server backup create");
    }
}
