using System.Buffers;
using System.Collections.Concurrent;
using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>A manifest's payload as it travels to a device.</summary>
/// <param name="Frame">One zstd frame.</param>
/// <param name="Signatures">The manifest's.</param>
/// <param name="UsesPrefix">It needs the payload of the manifest that the device holds, as its prefix.</param>
public sealed record SentManifest(ReadOnlyMemory<byte> Frame, IReadOnlyList<Signature> Signatures, bool UsesPrefix);

/// <summary>Makes manifest transfers, each once for all devices that ask at the same
/// time, and keeps the last ones.</summary>
/// <param name="releases">Where the manifests come from.</param>
/// <param name="level">zstd level, 1 to 19.</param>
/// <param name="cacheBytes">Memory for transfers.</param>
public sealed class SentManifests(ReleaseReader releases, int level, long cacheBytes)
{
    /// <summary>A prefix is used only where both payloads together have no more bytes:
    /// devices bound their memory by it.</summary>
    public const long MaxPrefixedBytes = 32 * 1024 * 1024;

    private readonly ByteBoundedCache<(Digest, Digest?), SentManifest> _kept = new(cacheBytes);
    private readonly ConcurrentDictionary<(Digest, Digest?), Lazy<Task<SentManifest>>> _beingMade = [];

    /// <summary>The transfer of a manifest to a device.</summary>
    /// <param name="manifest">What it is to get.</param>
    /// <param name="held">What it holds, if that is a release here; null for none.</param>
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
        var envelope = await releases.GetManifestAsync(manifest, CancellationToken.None).ConfigureAwait(false);
        var payload = envelope.Payload.Memory;
        var prefix = held is null
            ? default
            : (await releases.GetManifestAsync(held.Value, CancellationToken.None).ConfigureAwait(false))
                .Payload.Memory;
        var (frame, usesPrefix) = Encode(payload, prefix, level);
        return new SentManifest(frame, envelope.Signatures, usesPrefix);
    }

    /// <summary>A payload as it travels to who holds another one; empty: none.</summary>
    internal static (byte[] Frame, bool UsesPrefix) Encode(
        ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> held, int level)
    {
        var prefix = held.Length + (long)payload.Length > MaxPrefixedBytes ? default : held;
        var buffer = ArrayPool<byte>.Shared.Rent(ZstdEncoder.MaxEncodedLength(payload.Length));
        try
        {
            using var encoder = new ZstdEncoder(level);
            var length = encoder.Encode(payload.Span, buffer, prefix.Span);
            return (buffer.AsSpan(0, length).ToArray(), !prefix.IsEmpty);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
