namespace ChunkOta.Storage;

/// <summary>Verifies objects whose bytes are sent as they are, before one is sent for the first time in an
/// hour.</summary>
/// <remarks>
/// A rotten object would look like an attack to a device. Any number of callers at once; one object at a time is read.
/// What was verified is not trusted after damage was found anywhere in the store.
/// </remarks>
public sealed class SentObjects : IDisposable
{
    private const int MaxRemembered = 4096;

    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly IObjectReader _objects;
    private readonly IDamageCatalogue _damage;
    private readonly ObjectVerifier _verifier;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _reading = new(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectName, long> _verified = [];
    private DamageStamp _stamp;

    /// <param name="objects">The object store.</param>
    /// <param name="damage">Tells whether damage was found.</param>
    /// <param name="manifests">Verifies manifests.</param>
    /// <param name="clock">The server's clock.</param>
    internal SentObjects(
        IObjectReader objects, IDamageCatalogue damage, SignedManifests manifests, TimeProvider clock)
    {
        (_objects, _damage, _clock) = (objects, damage, clock);
        _verifier = new ObjectVerifier(objects, manifests);
    }

    /// <summary>Returns when the object is known to be intact.</summary>
    /// <param name="name">The object.</param>
    /// <exception cref="ObjectMissingException">It is gone.</exception>
    /// <exception cref="ObjectDamagedException">It is damaged.</exception>
    /// <exception cref="StoreUnavailableException">Store or catalogue do not answer.</exception>
    public async ValueTask VerifyAsync(ObjectName name, CancellationToken cancellationToken)
    {
        ForgetBefore(await _damage.ReadStampAsync(cancellationToken).ConfigureAwait(false));
        if (IsVerified(name)) return;
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Many devices may have waited for the same one.
            if (IsVerified(name)) return;
            var length = await _objects.FindLengthAsync(name, cancellationToken).ConfigureAwait(false)
                ?? throw new ObjectMissingException(name);
            var finding = await _verifier.VerifyAsync(
                new ListedObject(name, length, IsMarked: false), ScrubDepth.Full, cancellationToken)
                .ConfigureAwait(false);
            if (finding.Fault == ObjectFault.Missing) throw new ObjectMissingException(name);
            if (finding.Fault is not null)
                throw new ObjectDamagedException($"object {name} is damaged: {finding.Detail}") { Name = name };
            Remember(name);
        }
        finally
        {
            _ = _reading.Release();
        }
    }

    /// <summary>Frees what is kept between calls. No call may be running.</summary>
    public void Dispose()
    {
        _verifier.Dispose();
        _reading.Dispose();
    }

    private void ForgetBefore(DamageStamp stamp)
    {
        lock (_gate)
        {
            if (stamp == _stamp) return;
            _stamp = stamp;
            _verified.Clear();
        }
    }

    private bool IsVerified(ObjectName name)
    {
        lock (_gate) return _verified.TryGetValue(name, out var last) && _clock.GetElapsedTime(last) < Life;
    }

    private void Remember(ObjectName name)
    {
        lock (_gate)
        {
            if (_verified.Count >= MaxRemembered) _verified.Clear();
            _verified[name] = _clock.GetTimestamp();
        }
    }
}
