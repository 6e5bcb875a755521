using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Storage;

/// <summary>Makes a publish visible: everything is verified and found in the store
/// first, and the order is crash-safe.</summary>
/// <remarks>
/// Packs, their index rows and the recipes are durable before the commit begins; then the manifest becomes an object,
/// and one transaction makes the release visible and moves the pointer. Whatever fails on the way leaves at most
/// objects that nothing names.
/// </remarks>
/// <param name="objects">Where manifests go and recipes lie.</param>
/// <param name="catalogue">Where the release becomes visible.</param>
/// <param name="limits">What a manifest may hold.</param>
/// <param name="maxReleaseBytes">What the files of a release may weigh together.</param>
/// <param name="clock">Tells whether the pointer is still good.</param>
public sealed class ReleaseCommitter(
    IObjectStore objects, ICatalogue catalogue, ManifestLimits limits, long maxReleaseBytes, TimeProvider clock)
{
    /// <summary>Commits a publish.</summary>
    /// <param name="publish">It must be alive.</param>
    /// <param name="manifestEnvelope">The serialised envelope; stored verbatim.</param>
    /// <param name="pointer">The channel pointer that names the manifest as current.</param>
    /// <returns>The digest of the manifest's payload, and what became of it.</returns>
    /// <exception cref="ChunkOtaException">
    /// SIG_INVALID and its kin, MANIFEST_INVALID, PATH_…, LINK_…, POINTER_INVALID, EXPIRED, WRONG_TARGET,
    /// TOO_LARGE, RELEASE_INCOMPLETE, and what <see cref="IReleaseCatalogue"/> refuses a commit for.
    /// </exception>
    public async Task<(Digest Manifest, CommitOutcome Outcome)> CommitAsync(
        PublishLease publish, ReadOnlyMemory<byte> manifestEnvelope, Envelope pointer,
        CancellationToken cancellationToken)
    {
        var (product, root) = await FindRootAsync(publish, cancellationToken).ConfigureAwait(false);
        var manifest = VerifiedManifest.Verify(ParseEnvelope(manifestEnvelope), root, limits);
        CheckManifest(publish, product, manifest);
        var verifiedPointer = VerifiedPointer.Verify(pointer, root);
        verifiedPointer.CheckFresh(clock.GetUtcNow());
        CheckPointer(publish, manifest, verifiedPointer);

        var releases = catalogue.Releases;
        var visible = await releases.FindReleaseAsync(manifest.Digest, cancellationToken).ConfigureAwait(false);
        if (visible is not null)
        {
            return (manifest.Digest, await releases.CommitAsync(
                publish.Id, visible, verifiedPointer.ToNewPointer(), cancellationToken).ConfigureAwait(false));
        }

        var complete = await new ReleaseInspector(objects, catalogue.Chunks)
            .InspectAsync(manifest.Value, product.Cut, cancellationToken).ConfigureAwait(false);
        await objects.PutAsync(ObjectName.Manifest(manifest.Digest), manifestEnvelope, cancellationToken)
            .ConfigureAwait(false);
        var release = NewReleaseOf(manifest, manifestEnvelope.Length, complete);
        return (manifest.Digest, await releases.CommitAsync(
            publish.Id, release, verifiedPointer.ToNewPointer(), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Checks a manifest as a commit would, and that the store has all it names; changes nothing.</summary>
    /// <param name="publish">It must be alive.</param>
    /// <param name="manifestEnvelope">The serialised envelope.</param>
    /// <exception cref="ChunkOtaException">What <see cref="CommitAsync"/> refuses a manifest for.</exception>
    public async Task<VerifiedManifest> CheckAsync(
        PublishLease publish, ReadOnlyMemory<byte> manifestEnvelope, CancellationToken cancellationToken)
    {
        var (product, root) = await FindRootAsync(publish, cancellationToken).ConfigureAwait(false);
        var manifest = VerifiedManifest.Verify(ParseEnvelope(manifestEnvelope), root, limits);
        CheckManifest(publish, product, manifest);
        await new ReleaseInspector(objects, catalogue.Chunks)
            .InspectAsync(manifest.Value, product.Cut, cancellationToken).ConfigureAwait(false);
        return manifest;
    }

    private static Envelope ParseEnvelope(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return Envelope.Parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new ManifestInvalidException(
                ErrorCodes.ManifestInvalid, "the manifest that was sent is not an envelope");
        }
    }

    private async Task<(ProductRecord Product, VerifiedRoot Root)> FindRootAsync(
        PublishLease publish, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(publish);
        var product = await catalogue.Identities.FindProductAsync(publish.Product, cancellationToken)
            .ConfigureAwait(false)
            ?? throw new ChunkOtaException(ErrorCodes.ProductUnknown, $"there is no product {publish.Product}");
        var root = product.VerifyRoot();
        root.CheckFresh(clock.GetUtcNow());
        return (product, root);
    }

    /// <summary>
    /// Checks that the signed release is the one that the publish began, so that no signature releases another.
    /// </summary>
    private void CheckManifest(PublishLease publish, ProductRecord product, VerifiedManifest manifest)
    {
        manifest.CheckFor(publish.Product, publish.Platform);
        Demand(manifest.Value.Platform == publish.Platform,
            $"the manifest is for platform {manifest.Value.Platform}, the publish for {publish.Platform}");
        Demand(manifest.Value.Version == publish.Version,
            $"the manifest is version {manifest.Value.Version}, the publish is for {publish.Version}");
        if (manifest.Cut != product.Cut)
            throw new ManifestInvalidException(
                ErrorCodes.ManifestInvalid, $"the manifest's files are cut otherwise than product {product.Name}'s");
        // The rules of manifests have seen to it that the sum fits.
        if (manifest.Value.Entries.Sum(entry => (long)entry.Size) is var bytes && bytes > maxReleaseBytes)
            throw new ChunkOtaException(
                ErrorCodes.TooLarge,
                $"the release's files have {bytes} bytes; this server takes {maxReleaseBytes} (Limits:ReleaseBytes)");
    }

    private static void CheckPointer(PublishLease publish, VerifiedManifest manifest, VerifiedPointer pointer)
    {
        pointer.CheckFor(publish.Product, publish.Platform, publish.Channel);
        var current = pointer.Value.Current;
        Demand(pointer.Value.Platform == publish.Platform,
            $"the pointer is for platform {pointer.Value.Platform}, the publish for {publish.Platform}");
        Demand(
            current.ManifestDigest.ToDigest() == manifest.Digest
                && current.ManifestBytes == (ulong)manifest.PayloadBytes
                && current.Counter == manifest.Value.Counter,
            $"the pointer does not name the manifest {manifest.Digest} as current");
    }

    private static void Demand(bool isSo, string what)
    {
        if (!isSo) throw new ChunkOtaException(ErrorCodes.WrongTarget, what);
    }

    private static NewRelease NewReleaseOf(VerifiedManifest manifest, long envelopeBytes, CompleteRelease complete) =>
        new()
        {
            Product = manifest.Value.Product,
            Platform = manifest.Value.Platform,
            Version = manifest.Value.Version,
            Counter = manifest.Value.Counter,
            Manifest = manifest.Digest,
            ManifestPayloadBytes = manifest.PayloadBytes,
            ManifestEnvelopeBytes = envelopeBytes,
            Published = DateTimeOffset.FromUnixTimeSeconds(manifest.Value.PublishedUnixSeconds),
            LogicalBytes = complete.LogicalBytes,
            FileCount = complete.FileCount,
            ChunkCount = complete.ChunkCount,
            Files = complete.Files,
            Chunks = complete.Chunks,
        };
}
