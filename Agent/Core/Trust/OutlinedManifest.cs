using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Agent;

/// <summary>An outline could not be filled in, or is not the manifest it stands for: the whole manifest is needed.</summary>
/// <remarks>Never seen outside a run, which asks again.</remarks>
internal sealed class OutlineFailedException(string message) : ChunkOtaException(ErrorCodes.DeltaBad, message);

/// <summary>A manifest whose missing digests are found by making files; it is verified when all of them are in.</summary>
/// <param name="outline">What came.</param>
/// <param name="digest">What the filled payload must hash to: signed, by the channel.</param>
/// <param name="signatures">The manifest's; not verified.</param>
/// <param name="root">The trust root that counts.</param>
/// <param name="accept">Refuses a manifest that may not be installed.</param>
internal sealed class OutlinedManifest(
    ManifestOutline outline,
    Digest digest,
    IReadOnlyList<Signature> signatures,
    VerifiedRoot root,
    Action<VerifiedManifest> accept)
{
    /// <summary>What is known, and where the rest is put.</summary>
    public ManifestOutline Outline => outline;

    /// <summary>Verifies the manifest: what was made by it is what was signed, or is worth nothing.</summary>
    /// <exception cref="OutlineFailedException">It is another: some file is not what was signed, or the outline was not.</exception>
    /// <exception cref="ChunkOtaException">As for a manifest that came whole.</exception>
    public VerifiedManifest Complete()
    {
        if (outline.Payload is not { } payload || Digest.Of(payload.Span) != digest)
            throw new OutlineFailedException($"what was made is not what manifest {digest} says");
        var envelope = new Envelope
        {
            PayloadType = PayloadTypes.Manifest,
            Payload = UnsafeByteOperations.UnsafeWrap(payload),
            Signatures = { signatures },
        };
        var manifest = VerifiedManifest.Verify(envelope, root);
        accept(manifest);
        return manifest;
    }
}
