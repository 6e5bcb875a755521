using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Binds objects to the one catalogue that names them, by a number that both have.</summary>
/// <remarks>
/// A second catalogue would find no row for any of the objects, and delete them as garbage. If two catalogues mark the
/// same empty folder at the same moment, the later mark stays, and the other one hears of it before its first
/// collection. To bind objects anew, the operator deletes their mark.
/// </remarks>
/// <param name="catalogue">The catalogue.</param>
/// <param name="objects">The objects that it is used with.</param>
public sealed class ObjectBinding(ICatalogue catalogue, IMarkedObjectStore objects)
{
    private const string Format = "n";

    private const string MarkName = "catalogue";

    private static readonly ObjectKind[] Kinds = [ObjectKind.Manifest, ObjectKind.Pack, ObjectKind.Recipe];

    /// <summary>The most objects of a kind that are looked up.</summary>
    private const int MaxLooked = 1024;

    /// <summary>Checks that the objects belong to the catalogue.</summary>
    /// <remarks>If one of the two has no number yet, it gets that of the other, provided that the catalogue knows some
    /// of the objects, or that there are neither objects nor a mark, and the catalogue needs none.</remarks>
    /// <exception cref="ObjectsForeignException">They belong to another catalogue.</exception>
    /// <exception cref="ChunkOtaException">STORE_FULL; STORE_UNAVAILABLE, also when all objects are gone: a disk that
    /// is not mounted must not be taken for an empty store.</exception>
    public Task BindAsync(CancellationToken cancellationToken = default) => BindAsync(false, cancellationToken);

    /// <summary>Checks as <see cref="BindAsync(CancellationToken)"/> does, for a place that gets its objects only
    /// now.</summary>
    /// <exception cref="ObjectsForeignException">There are objects of another catalogue.</exception>
    /// <exception cref="ChunkOtaException">STORE_FULL, STORE_UNAVAILABLE.</exception>
    public Task BindEmptyAsync(CancellationToken cancellationToken = default) => BindAsync(true, cancellationToken);

    /// <summary>Makes a catalogue that was rebuilt from the objects the one that they belong to: it gets the number of
    /// the lost one, so that a backup of that one can still replace it.</summary>
    /// <exception cref="ChunkOtaException">STORE_FULL, STORE_UNAVAILABLE.</exception>
    public async Task TakeOverAsync(CancellationToken cancellationToken = default) =>
        await JoinAsync(await objects.FindMarkAsync(cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    private async Task BindAsync(bool mayBeEmpty, CancellationToken cancellationToken)
    {
        // An operator who wrote the mark may have ended its line.
        var mark = (await objects.FindMarkAsync(cancellationToken).ConfigureAwait(false))?.Trim();
        var id = await catalogue.FindIdAsync(cancellationToken).ConfigureAwait(false);
        if (mark is not null && mark == id?.ToString(Format)) return;
        var isForeign = mark is not null && id is not null;
        var knows = isForeign ? false : await KnowsAsync(cancellationToken).ConfigureAwait(false);
        if (isForeign || !(knows ?? mark is null))
        {
            throw new ObjectsForeignException
            {
                OperatorDetail = $"the objects belong to another catalogue: {objects.Location}: choose the catalogue "
                    + "that they belong to, or an empty folder or bucket; a lost catalogue is restored from a backup "
                    + "or rebuilt by ota-server reindex",
            };
        }

        if (knows is null && !mayBeEmpty) await CheckNothingNeededAsync(cancellationToken).ConfigureAwait(false);
        await JoinAsync(mark, cancellationToken).ConfigureAwait(false);
    }

    private async Task CheckNothingNeededAsync(CancellationToken cancellationToken)
    {
        foreach (var kind in Kinds)
        {
            var needed = await catalogue.Damage.ListObjectsAsync(kind, default, 1, cancellationToken)
                .ConfigureAwait(false);
            if (needed.Count == 0) continue;
            var id = await catalogue.EnsureIdAsync(Guid.NewGuid(), cancellationToken).ConfigureAwait(false);
            throw new StoreUnavailableException(
                "the server's objects are gone: ask its operator to read the server's log")
            {
                OperatorDetail = $"the catalogue has releases, but there are no objects: {objects.Location}: mount the "
                    + "disk or name the bucket that has them; if they are lost for good, write "
                    + $"{id.ToString(Format)} to {MarkName} there, then publish the releases again",
            };
        }
    }

    private async Task JoinAsync(string? mark, CancellationToken cancellationToken)
    {
        var proposed = Guid.TryParseExact(mark, Format, out var marked) ? marked : Guid.NewGuid();
        var own = (await catalogue.EnsureIdAsync(proposed, cancellationToken).ConfigureAwait(false)).ToString(Format);
        if (mark != own) await objects.PutMarkAsync(own, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>True if the catalogue knows some of the objects; null if there are none.</summary>
    private async Task<bool?> KnowsAsync(CancellationToken cancellationToken)
    {
        bool? knows = null;
        foreach (var kind in Kinds)
        {
            List<Digest> found = [];
            await foreach (var name in objects.ListAsync(kind, cancellationToken).ConfigureAwait(false))
            {
                found.Add(name.Digest);
                if (found.Count == MaxLooked) break;
            }

            if (found.Count == 0) continue;
            var unknown = await catalogue.Trash.FindUnknownAsync(kind, found, cancellationToken).ConfigureAwait(false);
            if (unknown.Count < found.Count) return true;
            knows = false;
        }

        return knows;
    }
}
