using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Storage;

/// <summary>Commits a publish: verifies its documents, finds all they name in the store, and makes the release
/// visible.</summary>
/// <remarks>
/// Packs, their index rows and the recipes are durable before the commit begins; then the manifest becomes an object,
/// and one transaction makes the release visible and moves the pointer. A crash or failure leaves at most objects that
/// nothing refers to.
/// </remarks>
/// <param name="objects">The store of manifests and recipes.</param>
/// <param name="catalogue">The catalogue that lists the release.</param>
/// <param name="limits">The limits of a manifest.</param>
/// <param name="maxReleaseBytes">The largest total size of a release's files, bytes.</param>
/// <param name="watch">Marks what the store lost.</param>
/// <param name="clock">Tells whether the pointer has expired.</param>
public sealed class ReleaseCommitter(
    IObjectStore objects, ICatalogue catalogue, ManifestLimits limits, long maxReleaseBytes, DamageWatch watch,
    TimeProvider clock)
{
    /// <summary>The longest look at a release that is visible: the publisher waits for its end.</summary>
    internal static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(30);

    /// <summary>Commits a publish.</summary>
    /// <param name="publish">A lease that has not expired.</param>
    /// <param name="manifestEnvelope">The serialised envelope; stored verbatim.</param>
    /// <param name="pointer">The channel pointer that names the manifest as current; null to hold the
    /// release.</param>
    /// <returns>The digest of the manifest's payload, and the outcome.</returns>
    /// <exception cref="ChunkOtaException">
    /// SIG_INVALID and related codes, MANIFEST_INVALID, PATH_…, LINK_…, POINTER_INVALID, EXPIRED, WRONG_TARGET,
    /// TOO_LARGE, RELEASE_INCOMPLETE, and what <see cref="IReleaseCatalogue"/> refuses a commit for.
    /// </exception>
    public async Task<(Digest Manifest, CommitOutcome Outcome)> CommitAsync(
        PublishLease publish, ReadOnlyMemory<byte> manifestEnvelope, Envelope? pointer,
        CancellationToken cancellationToken)
    {
        var (product, root) = await FindRootAsync(publish, cancellationToken).ConfigureAwait(false);
        var manifest = VerifiedManifest.Verify(ParseEnvelope(manifestEnvelope), root, limits);
        CheckManifest(publish, product, manifest);
        var newPointer = pointer is null ? null : Verify(publish, manifest, pointer, root);

        var release = await InspectAsync(publish, manifest, manifestEnvelope.Length, cancellationToken)
            .ConfigureAwait(false);
        var releases = catalogue.Releases;
        var visible = await releases.FindReleaseAsync(manifest.Digest, cancellationToken).ConfigureAwait(false);
        if (visible is not null)
        {
            await RestoreAsync(manifest.Digest, manifestEnvelope, cancellationToken).ConfigureAwait(false);
            return (manifest.Digest, await releases.CommitAsync(
                publish.Id, visible, newPointer, cancellationToken).ConfigureAwait(false));
        }

        await ObjectArrivals.PutAsync(
            objects, catalogue.Chunks, [new ObjectContent(ObjectName.Manifest(manifest.Digest), manifestEnvelope)],
            cancellationToken).ConfigureAwait(false);
        return (manifest.Digest, await releases.CommitAsync(
            publish.Id, release, newPointer, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Checks a manifest as a commit would, and that the store has all it names; changes nothing.</summary>
    /// <param name="publish">A lease that has not expired.</param>
    /// <param name="manifestEnvelope">The serialised envelope.</param>
    /// <exception cref="ChunkOtaException">What <see cref="CommitAsync"/> refuses a manifest for.</exception>
    public async Task<VerifiedManifest> CheckAsync(
        PublishLease publish, ReadOnlyMemory<byte> manifestEnvelope, CancellationToken cancellationToken)
    {
        var (product, root) = await FindRootAsync(publish, cancellationToken).ConfigureAwait(false);
        var manifest = VerifiedManifest.Verify(ParseEnvelope(manifestEnvelope), root, limits);
        CheckManifest(publish, product, manifest);
        _ = await InspectAsync(publish, manifest, manifestEnvelope.Length, cancellationToken).ConfigureAwait(false);
        return manifest;
    }

    /// <summary>Looks for half a minute whether the store can still deliver a visible release, and marks what it
    /// lost. The commit looks at all of it.</summary>
    /// <param name="release">The release; its publisher is about to publish it again.</param>
    /// <exception cref="StoreFailedException">Store or catalogue do not answer.</exception>
    public async Task ProbeAsync(ReleaseRecord release, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(release);
        using var late = new CancellationTokenSource(ProbeLimit, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await ProbeWholeAsync(release, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It is large, or the store is slow.
            return;
        }
    }

    private async Task ProbeWholeAsync(ReleaseRecord release, CancellationToken cancellationToken)
    {
        var name = ObjectName.Manifest(release.Manifest);
        var finding = await watch.VerifyAsync(name, ScrubDepth.Quick, cancellationToken).ConfigureAwait(false);
        if (finding?.Fault is not null) return;
        var bytes = new byte[release.ManifestEnvelopeBytes];
        await objects.ReadAsync(name, 0, bytes, cancellationToken).ConfigureAwait(false);
        try
        {
            var product = (await catalogue.Identities.FindProductAsync(release.Product, cancellationToken)
                .ConfigureAwait(false))!;
            var manifest = VerifiedManifest.Verify(ParseEnvelope(bytes), product.VerifyRoot(), limits);
            _ = await new ReleaseInspector(objects, catalogue, watch, product.Domain, _ => Task.CompletedTask)
                .InspectAsync(manifest, bytes.Length, cancellationToken).ConfigureAwait(false);
        }
        catch (ChunkOtaException failure) when (failure is not StoreFailedException)
        {
            // It lacks something, which is marked now, or its key was removed, which the publisher says.
            return;
        }
    }

    /// <summary>Inspects a release, and keeps its lease meanwhile.</summary>
    private Task<NewRelease> InspectAsync(
        PublishLease publish, VerifiedManifest manifest, int envelopeBytes, CancellationToken cancellationToken) =>
        new ReleaseInspector(
            objects, catalogue, watch, publish.Domain, cancel => catalogue.Publishes.RenewAsync(publish.Id, cancel))
            .InspectAsync(manifest, envelopeBytes, cancellationToken);

    /// <summary>Stores the manifest of a visible release again if the store lost it.</summary>
    private async Task RestoreAsync(
        Digest manifest, ReadOnlyMemory<byte> envelope, CancellationToken cancellationToken)
    {
        var name = ObjectName.Manifest(manifest);
        if (await watch.VerifyAsync(name, ScrubDepth.Quick, cancellationToken).ConfigureAwait(false)
            is null or { Fault: null })
            return;
        await objects.PutAsync(name, envelope, cancellationToken).ConfigureAwait(false);
        _ = await watch.VerifyAsync(name, ScrubDepth.Full, cancellationToken).ConfigureAwait(false);
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
    /// Checks that the signed manifest is for the release that this publish began.
    /// </summary>
    private void CheckManifest(PublishLease publish, ProductRecord product, VerifiedManifest manifest)
    {
        manifest.CheckFor(publish.Product, publish.Platform);
        manifest.CheckIssued(clock.GetUtcNow(), "the server");
        Demand(manifest.Head.Platform == publish.Platform,
            $"the manifest is for platform {manifest.Head.Platform}, the publish for {publish.Platform}");
        Demand(manifest.Head.Version == publish.Version,
            $"the manifest is version {manifest.Head.Version}, the publish is for {publish.Version}");
        if (manifest.Cut != product.Cut)
            throw new ManifestInvalidException(
                ErrorCodes.ManifestInvalid, $"the manifest's cut parameters are not those of product {product.Name}");
        // ManifestRules has checked that the sum does not overflow.
        if (manifest.TreeBytes is var bytes && bytes > maxReleaseBytes)
            throw new ChunkOtaException(
                ErrorCodes.TooLarge,
                $"the release's files are too large: {SizeText.Of(bytes)} is above this server's limit of "
                + $"{SizeText.Of(maxReleaseBytes)} ({ServerSettingNames.ReleaseBytes})");
    }

    private NewPointer Verify(
        PublishLease publish, VerifiedManifest manifest, Envelope envelope, VerifiedRoot root)
    {
        var pointer = VerifiedPointer.Verify(envelope, root);
        pointer.CheckFresh(clock.GetUtcNow());
        pointer.CheckIssued(clock.GetUtcNow(), "the server");
        pointer.CheckFor(publish.Product, publish.Platform, publish.Channel);
        var current = pointer.Value.Current;
        Demand(pointer.Value.Platform == publish.Platform,
            $"the pointer is for platform {pointer.Value.Platform}, the publish for {publish.Platform}");
        Demand(
            current.ManifestDigest.ToDigest() == manifest.Digest
                && current.ManifestBytes == (ulong)manifest.PayloadBytes
                && current.Counter == manifest.Head.Counter,
            $"the pointer does not name the manifest {manifest.Digest} as current");
        return pointer.ToNewPointer();
    }

    private static void Demand(bool isSo, string what)
    {
        if (!isSo) throw new ChunkOtaException(ErrorCodes.WrongTarget, what);
    }
}
