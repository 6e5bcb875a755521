using System.CommandLine;
using System.Text.Json.Nodes;
using ChunkOta.Cli;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary><c>backup create</c>: makes a backup, also while the server runs.</summary>
internal sealed class BackupCreateVerb : ServerVerb
{
    private readonly SettingsOptions _settings = new();

    private readonly Option<bool> _verify = new("--verify")
    {
        Description = "Read what earlier backups copied, too, and copy again what is damaged.",
    };

    public BackupCreateVerb(VerbContext context) : base(context, "create",
        "Makes a backup into Backup:Folder or Backup:S3, also while the server runs: the catalogue as of one moment, "
        + "and each object that no earlier backup copied, verified by its hash. Run it as the server's user. The "
        + "backup holds the admin token and the TLS key: keep it as safe as the server.",
        "ota-server backup create --data /var/lib/chunkota Backup:Folder=/mnt/backup",
        "ota-server backup create --config /etc/chunkota/server.json --verify")
    {
        _settings.AddTo(this);
        Add(_verify);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = _settings.Load(parsed);
        var data = DataFolder.Beside(settings.Data, settings.Catalogue.IsInDataFolder());
        var clock = Clock;
        await using var catalogue = StoreOpening.OpenCatalogue(settings.Catalogue, data, clock);
        var objects = await StoreOpening.OpenObjectReaderAsync(
            settings.Objects, data, clock, cancellationToken);
        using var connections = objects as IDisposable;
        var maker = new BackupMaker(settings.Backup, data, catalogue, objects, clock);
        if (await maker.FindGoneAsync(cancellationToken) is { } gone)
        {
            await Terminal.Error.WriteLineAsync(
                $"warning: the backups that were made in {gone.Place} are gone, the last one of {gone.Taken:u}: "
                + "this one begins anew; stop it if a disk is not mounted");
        }

        var outcome = await maker.RunAsync(
            parsed.GetValue(_verify), new ProgressLines(Terminal.Error, Clock, BackupReport.DescribeCopy),
            cancellationToken);
        if (IsJson(parsed))
            Terminal.Out.WriteLine(ToJson(outcome).ToJsonString());
        else
            Write(outcome);
        // What was lost is in the answer already.
        BackupReport.CheckPruned(outcome);
        BackupReport.CheckComplete(outcome.Lost, "the backup was made without");
    }

    private void Write(BackupOutcome outcome)
    {
        var record = outcome.Backup.Record;
        Terminal.WriteLine(
            $"backup {BackupReport.ShortName(outcome.Backup)}: {Printable.Count(record.Objects, "object")}, "
            + $"{Printable.Bytes(record.Bytes)}; new: {Printable.Count(outcome.NewObjects, "object")}, "
            + $"{Printable.Bytes(outcome.NewBytes)}; catalogue: {Printable.Bytes(record.CatalogueBytes)}");
        foreach (var lost in outcome.Lost) Terminal.WriteLine($"lost: {lost.Name}: {lost.Detail}");
    }

    private static JsonObject ToJson(BackupOutcome outcome)
    {
        var json = BackupReport.ToJson(outcome.Backup);
        json["new_objects"] = outcome.NewObjects;
        json["new_bytes"] = outcome.NewBytes;
        return json;
    }
}
