namespace ChunkOta.Storage;

/// <summary>Reads back everything that a backup needs, and hashes it.</summary>
/// <param name="objects">The backup store.</param>
/// <param name="workspace">A folder of this check alone, for one copy of the catalogue.</param>
/// <param name="openCopy">Opens the copy of the catalogue at a path.</param>
public sealed class BackupCheck(IObjectReader objects, string workspace, Func<string, ICatalogue> openCopy)
{
    private const int PageObjects = 256;

    /// <summary>Verifies a backup.</summary>
    /// <param name="backup">The backup.</param>
    /// <param name="progress">Hears of the objects that were read.</param>
    /// <returns>The objects that it lacks or that are damaged in it.</returns>
    /// <exception cref="ChunkOtaException"><c>OBJECT_DAMAGED</c>: its catalogue is damaged; <c>STORE_UNAVAILABLE</c>.
    /// </exception>
    public async Task<IReadOnlyList<ObjectFinding>> RunAsync(
        StoredBackup backup, IProgress<ObjectFigures> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var figures = new ObjectFigures();
        var path = Path.Combine(workspace, "catalogue.db");
        CatalogueFile.Remove(path);
        await new BackupStore(objects).ReadCatalogueAsync(backup, path, cancellationToken).ConfigureAwait(false);
        List<ObjectFinding> lost = [];
        var catalogue = openCopy(path);
        await using (catalogue.ConfigureAwait(false))
        {
            await CheckIntegrityAsync(catalogue, cancellationToken).ConfigureAwait(false);
            using var verifier = new ObjectVerifier(
                objects,
                new SignedManifests(
                    new ReleaseReader(objects, catalogue.Identities, 0, 0), catalogue.Identities));
            foreach (var kind in BackupStore.Kinds)
            {
                IReadOnlyList<ListedObject> page = [];
                do
                {
                    page = await catalogue.Damage.ListObjectsAsync(
                        kind, page.Count > 0 ? page[^1].Name.Digest : default, PageObjects, cancellationToken)
                        .ConfigureAwait(false);
                    foreach (var listed in page)
                    {
                        var finding = await verifier.VerifyAsync(listed, ScrubDepth.Full, cancellationToken)
                            .ConfigureAwait(false);
                        if (finding.Fault is not null && await DamagedFrames.AreNeededAsync(
                            catalogue.Chunks, finding, cancellationToken).ConfigureAwait(false))
                            lost.Add(finding);
                        figures = figures with
                        {
                            Objects = figures.Objects + 1,
                            Bytes = figures.Bytes + listed.Bytes,
                        };
                    }

                    progress.Report(figures);
                }
                while (page.Count > 0);
            }
        }

        CatalogueFile.Remove(path);
        return lost;
    }

    /// <summary>Lets the engine check a copy of a catalogue in full.</summary>
    /// <exception cref="ObjectDamagedException">It found something.</exception>
    internal static async Task CheckIntegrityAsync(ICatalogue catalogue, CancellationToken cancellationToken)
    {
        if (await catalogue.Damage.CheckIntegrityAsync(isFull: true, cancellationToken).ConfigureAwait(false)
            is { Length: > 0 } problem)
        {
            throw new ObjectDamagedException(
                $"the backup's catalogue is damaged: {Protos.OneLine.Of(problem)}: choose another backup");
        }
    }
}
