using ChunkOta.Durable;
using ChunkOta.Storage;
using ChunkOta.Storage.Postgres;
using ChunkOta.Storage.Sql;
using ChunkOta.Storage.Sqlite;

namespace ChunkOta.Server;

/// <summary>Moves a store from where one server's settings say to where another's do (docs/adr/0042).</summary>
/// <remarks>Objects first, then the small private files, then the catalogue in one transaction: a destination without a
/// catalogue is not finished. What was moved stays in the source.</remarks>
/// <param name="from">The settings of the server that was.</param>
/// <param name="to">The settings of the server to be.</param>
/// <param name="objectProgress">Hears of objects.</param>
/// <param name="tableProgress">Hears of the catalogue.</param>
internal sealed class StoreMigration(
    ServerSettings from, ServerSettings to, IProgress<ObjectFigures> objectProgress,
    IProgress<TableFigures> tableProgress)
{
    private const string MigratingName = "catalogue.migrating.db";

    private static readonly ObjectKind[] Kinds =
        [ObjectKind.Pack, ObjectKind.Manifest, ObjectKind.Recipe, ObjectKind.Delta];

    private readonly TimeProvider _clock = TimeProvider.System;

    /// <summary>Moves what differs between the settings, or goes on with it.</summary>
    /// <param name="isObjectsOnly">Copies objects, also while servers run.</param>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID; IN_USE: a server runs, or the destination has another
    /// catalogue; OBJECT_DAMAGED: the source lost objects that nobody knew of; STORE_FULL, STORE_UNAVAILABLE.
    /// </exception>
    public async Task<MigrationReport> RunAsync(bool isObjectsOnly, CancellationToken cancellationToken)
    {
        using var source = DataFolder.OpenBeside(from.Data, from.Catalogue.IsInDataFolder());
        using var other = Fs.Resolve(to.Data) == source.Path ? null : DataFolder.Open(to.Data);
        var destination = other ?? source;
        var movesObjects =
            StoreOpening.AddressOf(from.Objects, source) != StoreOpening.AddressOf(to.Objects, destination);
        var movesCatalogue = from.Catalogue.Postgres != to.Catalogue.Postgres
            || (other is not null && to.Catalogue.IsInDataFolder());
        CheckSomethingMoves(movesObjects, movesCatalogue, isObjectsOnly);
        if (isObjectsOnly)
        {
            CheckCatalogue(StoreOpening.DatabaseOf(from.Catalogue, source));
            await using var beside = StoreOpening.OpenCatalogue(from.Catalogue, source, _clock);
            return new MigrationReport(await CopyObjectsAsync(beside, source, destination, cancellationToken), null);
        }

        using var sourceHold = Hold(from.Catalogue, source);
        using var destinationHold = movesCatalogue ? Hold(to.Catalogue, destination) : null;
        var objects = movesObjects ? await CopyObjectsAsync(source, destination, cancellationToken) : null;
        if (other is not null) CopyFiles(source, other);
        var tables = movesCatalogue
            ? MoveCatalogue(source, destination, () => Confirm(sourceHold, destinationHold), cancellationToken)
            : null;
        return new MigrationReport(objects, tables);
    }

    private static void CheckSomethingMoves(bool movesObjects, bool movesCatalogue, bool isObjectsOnly)
    {
        if (!movesObjects && (isObjectsOnly || !movesCatalogue))
        {
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid,
                $"both settings name the same objects{(isObjectsOnly ? "" : " and the same catalogue")}: nothing "
                    + "migrates: check the file of --to and OTA_SERVER__ variables in the environment");
        }
    }

    /// <summary>Keeps servers away from a catalogue.</summary>
    private static PostgresHold? Hold(CatalogueSettings settings, DataFolder data)
    {
        if (!data.IsLocked)
        {
            throw new ChunkOtaException(
                ErrorCodes.InUse,
                $"a server uses the data folder {data.Path}: stop it, or pass --objects-only to copy the objects "
                    + "while it runs");
        }

        return settings.IsInDataFolder() ? null : PostgresHold.Take(settings.ToDatabase());
    }

    private static void Confirm(params ReadOnlySpan<PostgresHold?> holds)
    {
        foreach (var hold in holds) hold?.Confirm();
    }

    private async Task<ObjectFigures> CopyObjectsAsync(
        DataFolder source, DataFolder destination, CancellationToken cancellationToken)
    {
        var database = StoreOpening.DatabaseOf(from.Catalogue, source);
        CheckCatalogue(database);
        await using var catalogue = SqlCatalogue.Open(database, _clock);
        return await CopyObjectsAsync(catalogue, source, destination, cancellationToken);
    }

    private async Task<ObjectFigures> CopyObjectsAsync(
        ICatalogue catalogue, DataFolder source, DataFolder destination, CancellationToken cancellationToken)
    {
        var read = await StoreOpening.OpenObjectReaderAsync(from.Objects, source, _clock, cancellationToken);
        using var readConnections = read as IDisposable;
        var written = await StoreOpening.OpenObjectsAsync(to.Objects, destination, _clock, cancellationToken);
        using var writeConnections = written as IDisposable;
        await new ObjectBinding(catalogue, written).BindEmptyAsync(cancellationToken);
        var figures = await new ObjectCopy(catalogue, read, written, Kinds) { TakesMarked = true }
            .RunAsync(objectProgress, cancellationToken);
        if (figures.Damaged is not [var first, ..]) return figures;
        throw new ChunkOtaException(
            ErrorCodes.ObjectDamaged,
            $"the source has lost {figures.Damaged.Count} of its objects without knowing it, the first: {first.Name}: "
                + $"{first.Detail}: run ota-admin verify --full on its server, which marks or heals them, then this "
                + "command again");
    }

    /// <summary>Gives another data folder the key that devices pin, and the admin token.</summary>
    private static void CopyFiles(DataFolder source, DataFolder destination)
    {
        foreach (var name in PrivateFiles.Names)
        {
            if (source.FindFile(name) is { } content && !destination.HasFile(name))
                destination.WriteFile(name, content);
        }
    }

    private IReadOnlyList<TableFigures> MoveCatalogue(
        DataFolder source, DataFolder destination, Action confirm, CancellationToken cancellationToken)
    {
        var database = StoreOpening.DatabaseOf(from.Catalogue, source);
        CheckCatalogue(database);
        if (!to.Catalogue.IsInDataFolder() || Fs.FindStatus(destination.CataloguePath) is not null)
            return new CatalogueMove(database, StoreOpening.DatabaseOf(to.Catalogue, destination))
                .Run(tableProgress, confirm, cancellationToken);
        CatalogueFile.Remove(destination.PathOf(MigratingName));
        var tables = new CatalogueMove(database, SqliteCatalogue.DatabaseOf(destination.PathOf(MigratingName)))
            .Run(tableProgress, confirm, cancellationToken);
        CatalogueFile.Install(destination.PathOf(MigratingName), destination.CataloguePath);
        return tables;
    }

    private static void CheckCatalogue(ISqlDialect database)
    {
        if (!CatalogueMove.HasCatalogue(database))
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid,
                $"there is nothing to migrate: {database.Database} has no catalogue: check the settings of the source");
    }
}
