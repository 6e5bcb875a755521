using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Storage;

/// <summary>Makes one backup of a server that may be running: the catalogue as of one moment, then the objects that it
/// names, then the record.</summary>
/// <remarks>Killed at any line, it leaves objects that the next backup needs, and never half a backup.</remarks>
/// <param name="catalogue">The server's.</param>
/// <param name="objects">The server's.</param>
/// <param name="target">Gets the backup; one run at a time.</param>
/// <param name="workspace">A folder of this run alone, for one copy of the catalogue.</param>
/// <param name="openCopy">Opens the copy of the catalogue at a path, creating it as needed.</param>
/// <param name="clock">Dates the backup.</param>
public sealed class BackupRun(
    ICatalogue catalogue,
    IObjectReader objects,
    IObjectStore target,
    string workspace,
    Func<string, ICatalogue> openCopy,
    TimeProvider clock)
{
    /// <summary>The most copies of the catalogue while a collection removes objects that the last copy named.</summary>
    private const int MaxTries = 5;

    /// <summary>Makes the backup.</summary>
    /// <param name="files">The private files of the data folder.</param>
    /// <param name="verifiesAll">Reads what earlier backups copied, too, and copies again what is damaged.</param>
    /// <param name="progress">Hears of the objects.</param>
    /// <exception cref="StoreFailedException">A store does not answer, or is full.</exception>
    public async Task<BackupOutcome> RunAsync(
        IReadOnlyDictionary<string, byte[]> files, bool verifiesAll, IProgress<ObjectFigures> progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var path = Path.Combine(workspace, "catalogue.db");
        var installation = await catalogue.EnsureIdAsync(Guid.NewGuid(), cancellationToken).ConfigureAwait(false);
        var number = 1 + await ReadLastNumberAsync(installation, cancellationToken).ConfigureAwait(false);
        for (var tries = 1; ; tries++)
        {
            CatalogueFile.Remove(path);
            var taken = clock.GetUtcNow();
            var copying = openCopy(path);
            ObjectFigures copied;
            long highest;
            await using (copying.ConfigureAwait(false))
            {
                await catalogue.CopyToAsync(copying, cancellationToken).ConfigureAwait(false);
                highest = await copying.Restores.ReadHighestAsync(cancellationToken).ConfigureAwait(false);
                copied = await new ObjectCopy(copying, objects, target, BackupStore.Kinds, verifiesAll)
                    .RunAsync(progress, cancellationToken).ConfigureAwait(false);
            }

            ObjectFinding[] lost = [.. copied.Lost, .. copied.Damaged];
            if (tries < MaxTries && await HasCollectedAsync(lost, cancellationToken).ConfigureAwait(false)) continue;
            var (digest, bytes) = await PutCatalogueAsync(path, cancellationToken).ConfigureAwait(false);
            var record = new BackupRecord
            {
                Format = BackupRecord.NewestFormat,
                Installation = installation,
                Number = number,
                HighestNumber = highest,
                TakenUnixSeconds = taken.ToUnixTimeSeconds(),
                Catalogue = digest.ToString(),
                CatalogueBytes = bytes,
                Objects = copied.Objects,
                Bytes = copied.Bytes,
                Lost = lost.Length,
                Files = files,
            };
            var content = record.ToBytes();
            var name = new ObjectName(ObjectKind.Backup, Digest.Of(content));
            await target.PutAsync(name, content, cancellationToken).ConfigureAwait(false);
            CatalogueFile.Remove(path);
            return new BackupOutcome(
                new StoredBackup(name.Digest, record), copied.Copied, copied.CopiedBytes, lost);
        }
    }

    private async Task<long> ReadLastNumberAsync(Guid installation, CancellationToken cancellationToken)
    {
        var all = (await new BackupStore(target).ListAsync(cancellationToken).ConfigureAwait(false)).Backups;
        return all.Where(backup => backup.Record.Installation == installation)
            .Select(backup => backup.Record.Number).DefaultIfEmpty().Max();
    }

    /// <summary>Tells whether an object is gone because nothing needs it any more: then the copy of the catalogue is
    /// too old.</summary>
    private async Task<bool> HasCollectedAsync(
        IReadOnlyList<ObjectFinding> lost, CancellationToken cancellationToken)
    {
        foreach (var finding in lost)
        {
            if (await catalogue.Damage.FindObjectAsync(finding.Name, cancellationToken).ConfigureAwait(false) is null)
                return true;
        }

        return false;
    }

    private async Task<(Digest Digest, long Bytes)> PutCatalogueAsync(string path, CancellationToken cancellationToken)
    {
        using var file = DurableFile.OpenRead(path);
        Digest digest;
        using (var stream = file.OpenStream())
            digest = await HashAsync(stream, cancellationToken).ConfigureAwait(false);
        using (var stream = file.OpenStream())
        {
            await target.PutAsync(new ObjectName(ObjectKind.Catalogue, digest), stream, cancellationToken)
                .ConfigureAwait(false);
        }

        return (digest, file.Length);
    }

    private static async Task<Digest> HashAsync(Stream stream, CancellationToken cancellationToken)
    {
        var hasher = new Blake3Hasher();
        var piece = new byte[1024 * 1024];
        int read;
        while ((read = await stream.ReadAsync(piece, cancellationToken).ConfigureAwait(false)) > 0)
            hasher.Append(piece.AsSpan(0, read));
        return hasher.Finish();
    }
}

/// <summary>A backup that was made.</summary>
/// <param name="Backup">The backup.</param>
/// <param name="NewObjects">The objects that no earlier backup had copied.</param>
/// <param name="NewBytes">Their lengths together, bytes.</param>
/// <param name="Lost">Objects that the server has lost, which are not in the backup.</param>
public sealed record BackupOutcome(
    StoredBackup Backup, long NewObjects, long NewBytes, IReadOnlyList<ObjectFinding> Lost)
{
    /// <summary>The failure to remove old backups when this one was made; null for none.</summary>
    public ChunkOtaException? PruningFailure { get; init; }
}
