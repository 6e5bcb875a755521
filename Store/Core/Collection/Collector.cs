using System.Runtime.ExceptionServices;

namespace ChunkOta.Storage;

/// <summary>Frees what no release needs any more. Start reading here.</summary>
/// <remarks>
/// <para>It may be killed at any step: rows are condemned, removed and put into the trash before objects are deleted,
/// and the next collection goes on from what the catalogue says. It never blocks a publish, and waits for none: what a
/// publish may have found stays until the publish has ended, and goes in a later collection.</para>
/// <para>It reads without a copy of the catalogue in memory; see <see cref="ReleaseMarks"/>.</para>
/// </remarks>
/// <param name="catalogue">Rows.</param>
/// <param name="objects">Objects.</param>
/// <param name="options">Periods and limits.</param>
/// <param name="clock">Decides what is due.</param>
/// <param name="binding">Confirms that the objects belong to the catalogue; null where no other can have them.</param>
public sealed class Collector(
    ICatalogue catalogue, IPrunableObjectStore objects, CollectionOptions options, TimeProvider clock,
    ObjectBinding? binding = null)
{
    private const int MaxErrorCharacters = 200;
    private const string ReadLog = "the collection failed: ask the server's operator to read its log";

    /// <summary>Runs one collection.</summary>
    /// <param name="progress">Told of each step.</param>
    /// <returns>What it did; null while another collection runs.</returns>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE; OBJECT_DAMAGED: a manifest or a recipe cannot be read, so
    /// that its product keeps all that it has, and everything else was done; BUSY: another collection took the lease;
    /// STORE_FULL: not all sparse packs were rewritten, and everything else was done; CONFIG_INVALID: the objects
    /// belong to another catalogue, and nothing was done.</exception>
    public async Task<CollectionFigures?> RunAsync(
        IProgress<CollectionProgress> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(progress);
        if (await catalogue.Collection.BeginAsync(cancellationToken).ConfigureAwait(false) is not { } lease)
            return null;
        var run = new CollectionRun(catalogue, objects, options, lease, progress);
        try
        {
            await RunAsync(run, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // What is recorded must not hide the failure itself.
            await EndAsync(run, failure is OperationCanceledException ? "interrupted" : ErrorOf(failure))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await EndAsync(run, "").ConfigureAwait(false);
        return run.Figures;
    }

    private async Task RunAsync(CollectionRun run, CancellationToken cancellationToken)
    {
        if (binding is not null) await binding.BindAsync(cancellationToken).ConfigureAwait(false);
        await ReleaseSweep.RunAsync(run, clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        run.Begin(CollectionPhase.Marking);
        var marks = new ReleaseMarks(
            catalogue.Collection, catalogue.Identities, objects, _ => true, run.KeepAliveAsync);
        await marks.RefreshAsync(cancellationToken).ConfigureAwait(false);
        await GarbageSweep.CondemnAsync(run, marks, cancellationToken).ConfigureAwait(false);
        // A publish that begins from now on is told that what was condemned is missing.
        await catalogue.Collection.AdvanceAsync(run.Lease, cancellationToken).ConfigureAwait(false);
        await GarbageSweep.RemoveAsync(run, cancellationToken).ConfigureAwait(false);
        var full = await TryCompactAsync(run, cancellationToken).ConfigureAwait(false);
        await ObjectSweep.FindOrphansAsync(run, clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        // A publish that begins from now on takes what it is about to store out of the trash.
        await catalogue.Collection.AdvanceAsync(run.Lease, cancellationToken).ConfigureAwait(false);
        var undeleted = await ObjectSweep.DeleteAsync(run, cancellationToken).ConfigureAwait(false);
        await new DocumentCopies(objects, catalogue).ReconcileAsync(cancellationToken).ConfigureAwait(false);
        await RecordAsync(marks.Lost, cancellationToken).ConfigureAwait(false);
        full?.Throw();
        undeleted.ThrowIfAny();
        ThrowIfAny(marks.Lost);
    }

    private async Task RecordAsync(IReadOnlyList<ObjectFinding> lost, CancellationToken cancellationToken)
    {
        foreach (var finding in lost)
            _ = await catalogue.Damage.RecordAsync(finding, cancellationToken).ConfigureAwait(false);
    }

    private static void ThrowIfAny(IReadOnlyList<ObjectFinding> lost)
    {
        if (lost is not [var first, ..]) return;
        var (releases, kept, separator) = lost.Count == 1
            ? ("1 release cannot be read", "its product has", ", for")
            : ($"{lost.Count} releases cannot be read", "their products have", ", the first for");
        var remedy = $"all that {kept} was kept: run ota-admin verify, and publish what it lists again";
        throw new ObjectDamagedException(
            $"{releases}: {remedy}",
            $"{releases}{separator} {first.Name}: {first.Detail}: {remedy}",
            innerException: null)
        {
            Name = first.Name,
        };
    }

    /// <summary>Rewrites packs that are mostly dead.</summary>
    /// <returns>The failure of a full disk: it must not keep the collection from deleting what frees the disk. Else
    /// null.</returns>
    private async Task<ExceptionDispatchInfo?> TryCompactAsync(CollectionRun run, CancellationToken cancellationToken)
    {
        try
        {
            using var compactor = new PackCompactor(run);
            await compactor.RunAsync(clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (StoreFullException full)
        {
            return ExceptionDispatchInfo.Capture(full);
        }
    }

    private Task EndAsync(CollectionRun run, string error) =>
        catalogue.Collection.EndAsync(run.Lease, run.Figures, error, CancellationToken.None);

    /// <summary>One short line that every caller may read: the log names objects and causes.</summary>
    private static string ErrorOf(Exception failure)
    {
        var line = failure switch
        {
            StoreFailedException known => $"{known.Code}: {known.Message}",
            ChunkOtaException known => $"{known.Code}: {ReadLog}",
            _ => $"{ErrorCodes.Internal}: {ReadLog}",
        };
        line = line.ReplaceLineEndings(" ");
        return line.Length <= MaxErrorCharacters ? line : line[..MaxErrorCharacters];
    }
}
