namespace ChunkOta.Storage;

/// <summary>Verifies objects and marks in the catalogue those that are missing or damaged.</summary>
/// <remarks>
/// Whoever meets damage hands it over here: it is verified again before it is marked, so that a failure that passes
/// marks nothing. A damaged delta is forgotten instead, because a delta is a cache. Any number of callers at once; one
/// object at a time is in memory.
/// </remarks>
public sealed class DamageWatch : IDisposable
{
    /// <summary>An object that fails for a thousand devices is read once.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromMinutes(1);

    private const int MaxRemembered = 4096;

    private readonly IPrunableObjectStore _objects;
    private readonly ICatalogue _catalogue;
    private readonly TimeProvider _clock;
    private readonly ObjectVerifier _verifier;
    private readonly Replica? _replica;
    private readonly DocumentCopies _documents;
    private readonly SemaphoreSlim _reading = new(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectName, long> _lastNoted = [];

    /// <param name="objects">The object store.</param>
    /// <param name="catalogue">Gets the marks.</param>
    /// <param name="manifests">Verifies manifests.</param>
    /// <param name="copy">A second copy of the objects; null for none.</param>
    /// <param name="clock">The server's clock.</param>
    internal DamageWatch(
        IPrunableObjectStore objects, ICatalogue catalogue, SignedManifests manifests, IObjectReader? copy,
        TimeProvider clock)
    {
        (_objects, _catalogue, _clock) = (objects, catalogue, clock);
        _verifier = new ObjectVerifier(objects, manifests);
        _documents = new DocumentCopies(objects, catalogue);
        _replica = copy is null ? null : new Replica(copy, objects, catalogue.Identities, clock);
    }

    /// <summary>Is told of every change: what was found, and whether it is damage or healed. Null: nobody is.</summary>
    public Action<ObjectFinding, DamageChange>? Observer { get; set; }

    /// <summary>Is told of every lost object that came back, from the second copy or, a document, from the catalogue.
    /// Null: nobody is.</summary>
    public Action<ObjectName>? Restored { get; set; }

    /// <summary>Verifies an object and marks it, or takes its mark away.</summary>
    /// <param name="listed">The object as the catalogue lists it.</param>
    /// <param name="depth">How closely; an object that is marked is always read and hashed.</param>
    /// <returns>What was found; damage of what nothing needs is none.</returns>
    /// <exception cref="StoreFailedException">Store or catalogue do not answer: nothing changes.</exception>
    public async Task<ObjectFinding> VerifyAsync(
        ListedObject listed, ScrubDepth depth, CancellationToken cancellationToken)
    {
        if (listed.Name.Kind == ObjectKind.Document)
        {
            if (await _documents.TryRepairAsync(listed.Name.Digest, cancellationToken).ConfigureAwait(false))
                Restored?.Invoke(listed.Name);
            return ObjectFinding.Intact(listed.Name, listed.Bytes);
        }

        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var finding = await _verifier.VerifyAsync(
                listed, listed.IsMarked ? ScrubDepth.Full : depth, cancellationToken).ConfigureAwait(false);
            if (finding.Fault is not null && _replica is not null
                && await _replica.TryRestoreAsync(listed, cancellationToken).ConfigureAwait(false))
            {
                Restored?.Invoke(listed.Name);
                finding = await _verifier.VerifyAsync(listed, ScrubDepth.Full, cancellationToken).ConfigureAwait(false);
            }

            if (finding.Fault is null && !listed.IsMarked) return finding;
            var change = await RecordAsync(finding, cancellationToken).ConfigureAwait(false);
            return change is DamageChange.None ? finding with { Fault = null } : finding;
        }
        finally
        {
            _ = _reading.Release();
        }
    }

    /// <summary>Verifies an object by its name.</summary>
    /// <returns>Null when the catalogue does not need it.</returns>
    /// <exception cref="StoreFailedException">Store or catalogue do not answer: nothing changes.</exception>
    public async Task<ObjectFinding?> VerifyAsync(
        ObjectName name, ScrubDepth depth, CancellationToken cancellationToken) =>
        await _catalogue.Damage.FindObjectAsync(name, cancellationToken).ConfigureAwait(false) is { } listed
            ? await VerifyAsync(listed, depth, cancellationToken).ConfigureAwait(false)
            : null;

    /// <summary>Verifies the object that a failure names, if it names one, at most once a minute.</summary>
    /// <param name="failure">The failure of a call or of a delta.</param>
    public async Task NoteAsync(Exception failure, CancellationToken cancellationToken)
    {
        var name = (failure as ObjectDamagedException)?.Name ?? (failure as ObjectMissingException)?.Name
            ?? (failure as ObjectUnreadableException)?.Name;
        if (name is not { } met || !IsDue(met)) return;
        try
        {
            _ = await VerifyAsync(met, ScrubDepth.Full, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreFailedException)
        {
            // The store is away or full: the failure that led here is the one to tell.
            return;
        }
    }

    /// <summary>Frees what is kept between calls.</summary>
    public void Dispose()
    {
        _verifier.Dispose();
        _reading.Dispose();
    }

    private async Task<DamageChange> RecordAsync(ObjectFinding finding, CancellationToken cancellationToken)
    {
        var change = finding.Name.Kind == ObjectKind.Delta
            ? await ForgetAsync(finding, cancellationToken).ConfigureAwait(false)
            : await _catalogue.Damage.RecordAsync(finding, cancellationToken).ConfigureAwait(false);
        if (change is DamageChange.Found or DamageChange.Healed) Observer?.Invoke(finding, change);
        return change;
    }

    private async Task<DamageChange> ForgetAsync(ObjectFinding finding, CancellationToken cancellationToken)
    {
        if (!await _catalogue.Deltas.ForgetAsync(finding.Name.Digest, cancellationToken).ConfigureAwait(false))
            return DamageChange.None;
        _ = await _objects.DeleteAsync(finding.Name, cancellationToken).ConfigureAwait(false);
        return DamageChange.Found;
    }

    private bool IsDue(ObjectName name)
    {
        lock (_gate)
        {
            if (_lastNoted.TryGetValue(name, out var last) && _clock.GetElapsedTime(last) < LeastPause) return false;
            if (_lastNoted.Count >= MaxRemembered) _lastNoted.Clear();
            _lastNoted[name] = _clock.GetTimestamp();
            return true;
        }
    }
}
