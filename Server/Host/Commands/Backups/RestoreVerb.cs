using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Durable;
using ChunkOta.Storage;
using ChunkOta.Storage.Postgres;
using ChunkOta.Storage.Sql;
using ChunkOta.Storage.Sqlite;

namespace ChunkOta.Server;

/// <summary><c>restore</c>: brings a backup back into an empty place.</summary>
internal sealed class RestoreVerb : ServerVerb
{
    private readonly SettingsOptions _settings = new();
    private readonly Option<string?> _backup = BackupNameOption.Make();

    public RestoreVerb(VerbContext context) : base(context, "restore",
        "Restores a backup of a server that was lost, into a data folder without a catalogue; with Catalogue:Postgres, "
        + "into an empty database. Every object is verified before it gets its name. After a failure the same command "
        + "goes on. Run it as the server's user, with the server stopped.",
        "ota-server restore --data /var/lib/chunkota Backup:Folder=/mnt/backup",
        "ota-server restore --config /etc/chunkota/server.json --backup 3f9a1c02")
    {
        _settings.AddTo(this);
        Add(_backup);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = _settings.Load(parsed);
        using var source = await BackupOpening.OpenSourceAsync(
            settings.Backup, Clock, cancellationToken);
        var backup = await new BackupStore(source.Objects).FindAsync(parsed.GetValue(_backup), cancellationToken);
        using var data = DataFolder.Open(settings.Data);
        if (Fs.FindStatus(data.CataloguePath) is not null)
            throw NotEmpty($"there is a catalogue: {data.CataloguePath}: move the data folder away");
        using var hold = settings.Catalogue.IsInDataFolder() ? null : HoldEmpty(settings.Catalogue.ToDatabase());
        var objects = await StoreOpening.OpenObjectsAsync(
            settings.Objects, data, Clock, cancellationToken);
        using var connections = objects as IDisposable;
        var lost = await new Restoration(source.Objects, data, objects, BackupOpening.OpenCopy).RunAsync(
            backup,
            hold is null ? null : path => new CatalogueMove(
                SqliteCatalogue.DatabaseOf(path), PostgresCatalogue.DatabaseOf(settings.Catalogue.ToDatabase()))
                .Run(new Progress<TableFigures>(), hold.Confirm, cancellationToken),
            new ProgressLines(Terminal.Error, Clock, BackupReport.DescribeCopy),
            cancellationToken);
        if (IsJson(parsed))
        {
            Terminal.Out.WriteLine(BackupReport.ToJson(backup).ToJsonString());
        }
        else
        {
            Terminal.WriteLine(
                $"restored backup {BackupReport.ShortName(backup)} of {BackupReport.TimeOf(backup)}: "
                + $"{Printable.Count(backup.Record.Objects, "object")}, {Printable.Bytes(backup.Record.Bytes)}");
            foreach (var finding in lost) Terminal.WriteLine($"lost: {finding.Name}: {finding.Detail}");
        }

        BackupReport.CheckComplete(lost, "the backup was restored without");
    }

    /// <summary>Keeps servers and other restores away from a database until the catalogue is there, in one
    /// step.</summary>
    private static PostgresHold HoldEmpty(PostgresDatabase database)
    {
        var hold = PostgresHold.Take(database);
        try
        {
            return !CatalogueMove.HasCatalogue(PostgresCatalogue.DatabaseOf(database))
                ? hold
                : throw NotEmpty($"the database holds a catalogue: {database.Name}: choose an empty one");
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    private static ChunkOtaException NotEmpty(string what) => new(ErrorCodes.InUse, $"nothing was restored: {what}");
}
