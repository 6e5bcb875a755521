using System.CommandLine;
using System.Text.Json.Nodes;
using ChunkOta.Cli;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary><c>backup verify</c>: reads a backup back and hashes all of it.</summary>
internal sealed class BackupVerifyVerb : ServerVerb
{
    private readonly SettingsOptions _settings = new();
    private readonly Option<string?> _backup = BackupNameOption.Make();

    public BackupVerifyVerb(VerbContext context) : base(context, "verify",
        "Reads a backup back: hashes its catalogue, checks every page and index of it, and hashes every object that it "
        + "names. Changes nothing; exits with 8 if anything is missing or damaged, which backup create --verify copies "
        + "again while the server has it.",
        "ota-server backup verify --data /var/lib/chunkota Backup:Folder=/mnt/backup")
    {
        _settings.AddTo(this);
        Add(_backup);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = _settings.Load(parsed);
        using var source = await BackupOpening.OpenSourceAsync(
            settings.Backup, TimeProvider.System, cancellationToken);
        var backup = await new BackupStore(source.Objects).FindAsync(parsed.GetValue(_backup), cancellationToken);
        var data = DataFolder.Beside(settings.Data, settings.Catalogue.IsInDataFolder());
        using var workspace = BackupOpening.OpenWorkspace(data);
        var lost = await new BackupCheck(source.Objects, workspace.Path, BackupOpening.OpenCopy)
            .RunAsync(
                backup,
                new ProgressLines(
                    Terminal.Error, Clock,
                    read => $"{Printable.Count(read.Objects, "object")} of {Printable.Bytes(read.Bytes)} verified"),
                cancellationToken);
        if (IsJson(parsed))
        {
            var json = BackupReport.ToJson(backup);
            json["damaged"] = new JsonArray([.. lost.Select(finding => (JsonNode)finding.Name.ToString())]);
            Terminal.Out.WriteLine(json.ToJsonString());
        }
        else
        {
            foreach (var finding in lost) Terminal.WriteLine($"lost: {finding.Name}: {finding.Detail}");
            if (lost.Count == 0)
            {
                Terminal.WriteLine(
                    $"backup {BackupReport.ShortName(backup)} of {BackupReport.TimeOf(backup)} is intact: "
                    + $"{Printable.Count(backup.Record.Objects, "object")}, {Printable.Bytes(backup.Record.Bytes)}");
            }
        }

        BackupReport.CheckComplete(lost, "the backup lacks");
    }
}

/// <summary>The option that names a backup.</summary>
internal static class BackupNameOption
{
    public static Option<string?> Make() => new("--backup")
    {
        Description = "The beginning of a backup's name, as backup list shows it. Left out: the newest, if all "
            + "can be read and are of one installation.",
        HelpName = "NAME",
    };
}
