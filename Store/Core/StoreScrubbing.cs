namespace ChunkOta.Storage;

/// <summary>The part of a <see cref="Store"/> that finds lost and damaged objects.</summary>
public sealed class StoreScrubbing : IDisposable
{
    internal StoreScrubbing(
        ICatalogue catalogue, IPrunableObjectStore objects, StoreReading reading, StoreOptions options)
    {
        Watch = new DamageWatch(objects, catalogue, reading.Signed, options.Replica, options.Clock);
        Sent = new SentObjects(objects, catalogue.Damage, reading.Signed, options.Clock);
        Scrubber = new Scrubber(
            catalogue, reading.Releases, Watch, options.ScrubBytesPerSecond, options.Clock);
        Affected = new AffectedReleases(catalogue, reading.Releases);
    }

    /// <summary>Verifies one object and marks it if it is lost.</summary>
    public DamageWatch Watch { get; }

    /// <summary>Verifies objects before they are sent as they are.</summary>
    public SentObjects Sent { get; }

    /// <summary>Verifies all objects.</summary>
    public Scrubber Scrubber { get; }

    /// <summary>Finds the releases that lack something.</summary>
    public AffectedReleases Affected { get; }

    /// <summary>Frees what is kept between calls. No call may be running.</summary>
    public void Dispose()
    {
        Watch.Dispose();
        Sent.Dispose();
    }
}
