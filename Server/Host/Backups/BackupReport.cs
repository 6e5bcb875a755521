using System.Globalization;
using System.Text.Json.Nodes;
using ChunkOta.Cli;
using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Backups as people and programs read of them.</summary>
internal static class BackupReport
{
    private const int NameCharacters = 12;

    /// <summary>The beginning of a backup's name, which is enough to name it.</summary>
    public static string ShortName(StoredBackup backup) => backup.Name.ToString()[..NameCharacters];

    /// <summary>The moment that a backup shows.</summary>
    public static string TimeOf(StoredBackup backup) => DateTimeOffset
        .FromUnixTimeSeconds(backup.Record.TakenUnixSeconds)
        .ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A line about a copy under way.</summary>
    public static string DescribeCopy(ObjectFigures objects) =>
        $"{Printable.Count(objects.Objects, "object")} of {Printable.Bytes(objects.Bytes)} in place, "
        + $"{Printable.Count(objects.Copied, "object")} of {Printable.Bytes(objects.CopiedBytes)} by this run";

    /// <summary>A backup as a JSON object.</summary>
    public static JsonObject ToJson(StoredBackup backup) => new()
    {
        ["backup"] = backup.Name.ToString(),
        ["installation"] = backup.Record.Installation.ToString("n"),
        ["taken_unix_seconds"] = backup.Record.TakenUnixSeconds,
        ["objects"] = backup.Record.Objects,
        ["bytes"] = backup.Record.Bytes,
        ["catalogue_bytes"] = backup.Record.CatalogueBytes,
        ["lost"] = backup.Record.Lost,
    };

    /// <summary>Fails after work that is done as far as it can be.</summary>
    /// <param name="lost">The objects that are missing or damaged.</param>
    /// <param name="done">What was done, up to the number of objects.</param>
    /// <exception cref="ChunkOtaException"><c>OBJECT_DAMAGED</c>: there are some.</exception>
    public static void CheckComplete(IReadOnlyList<ObjectFinding> lost, string done)
    {
        if (lost.Count == 0) return;
        throw new ChunkOtaException(
            ErrorCodes.ObjectDamaged,
            $"{done} {Printable.Count(lost.Count, "object")} that are missing or damaged, such as {lost[0].Name}: "
            + "publish the releases that need them again");
    }

    /// <summary>Fails after a backup that left old ones in place.</summary>
    /// <exception cref="ChunkOtaException">The code of the failure to remove them.</exception>
    public static void CheckPruned(BackupOutcome outcome)
    {
        if (outcome.PruningFailure is not { } failure) return;
        throw new ChunkOtaException(
            failure.Code,
            $"the backup was made, but old ones were not removed: {failure.DescribeForOperator()}",
            failure);
    }
}
