using System.Collections.Concurrent;
using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>A manifest's payload as it is sent to a device.</summary>
/// <param name="Frame">One zstd frame.</param>
/// <param name="Signatures">The manifest's.</param>
/// <param name="UsesPrefix">True when decoding needs the payload that the device has, as a prefix.</param>
public sealed record SentManifest(ReadOnlyMemory<byte> Frame, IReadOnlyList<Signature> Signatures, bool UsesPrefix);

/// <summary>Compresses manifests, once for all devices that ask at the same time, and caches the latest
/// ones.</summary>
/// <param name="manifests">Reads and verifies the manifests.</param>
/// <param name="level">zstd level, 1 to 19.</param>
/// <param name="cacheBytes">Memory for compressed manifests, bytes.</param>
public sealed class SentManifests(SignedManifests manifests, int level, long cacheBytes)
{
    private readonly ByteBoundedCache<(Digest, Digest?), SentManifest> _kept = new(cacheBytes);
    private readonly ConcurrentDictionary<(Digest, Digest?), Lazy<Task<SentManifest>>> _beingMade = [];

    /// <summary>A manifest, compressed for one device.</summary>
    /// <param name="manifest">The manifest to send.</param>
    /// <param name="held">The manifest that the device has, if the server knows it; null for none.</param>
    public async ValueTask<SentManifest> GetAsync(
        Digest manifest, Digest? held, CancellationToken cancellationToken)
    {
        var key = (manifest, held);
        if (_kept.Find(key) is { } known) return known;

        var making = _beingMade.GetOrAdd(key, _ =>
            new Lazy<Task<SentManifest>>(() => Task.Run(() => MakeAsync(manifest, held))));
        try
        {
            var made = await making.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
            _kept.Keep(key, made, made.Frame.Length);
            return made;
        }
        finally
        {
            _beingMade.TryRemove(new(key, making));
        }
    }

    private async Task<SentManifest> MakeAsync(Digest manifest, Digest? held)
    {
        var envelope = await manifests.GetAsync(manifest, CancellationToken.None).ConfigureAwait(false);
        var payload = envelope.Payload.Memory;
        var prefix = held is null ? default : await FindPrefixAsync(held.Value).ConfigureAwait(false);
        var (frame, usesPrefix) = ManifestTransfer.Encode(payload, prefix, level);
        return new SentManifest(frame, envelope.Signatures, usesPrefix);
    }

    /// <summary>The payload that the device has; empty if the store lost it: the manifest is longer then.</summary>
    private async Task<ReadOnlyMemory<byte>> FindPrefixAsync(Digest held)
    {
        try
        {
            return (await manifests.GetAsync(held, CancellationToken.None).ConfigureAwait(false)).Payload.Memory;
        }
        catch (StoreFailedException failure) when (failure is ObjectMissingException or ObjectDamagedException)
        {
            return default;
        }
    }
}
