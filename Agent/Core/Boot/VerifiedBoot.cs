using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Starts a machine from a slot whose image a trusted key has signed: the one that the boot loader has chosen,
/// else the other. It needs no network, and writes nothing but the note which slot runs.</summary>
/// <param name="product">The product.</param>
/// <param name="slots">Its slots.</param>
/// <param name="trustStore">The trust state on disk.</param>
internal sealed class VerifiedBoot(LocalProduct product, SlotPair slots, TrustStore trustStore)
{
    private const int MaxRootBytes = 1 << 20;

    /// <summary>Chooses the slot.</summary>
    /// <param name="request">The request.</param>
    /// <exception cref="ChunkOtaException"><c>SLOT_UNVERIFIED</c>, <c>CONFIG_INVALID</c>,
    /// <c>ROOT_INVALID</c>.</exception>
    public BootReport Run(BootRequest request)
    {
        var known = FindTrust(request);
        var check = new SlotCheck(slots, FindReleases(request, known));
        var first = slots.Bootloader.Start();
        var refused = new List<RefusedSlot>();
        foreach (var slot in new[] { first, first.Other() })
        {
            var release = check.Find(slot);
            var path = slots.PathOf(slot);
            var reason = release is null
                ? "it holds no image that a trusted key has signed"
                : request.Prepare?.Invoke(path);
            if (release is not null && reason is null)
            {
                slots.Bootloader.NoteRunning(slot);
                return new BootReport(
                    request.Product, slot.ToString(), path, release.Head.Version, release.Digest, refused)
                {
                    IsWithdrawn = IsWithdrawn(release.Digest, known),
                };
            }
            refused.Add(new RefusedSlot(slot.ToString(), reason!));
        }
        throw new ChunkOtaException(
            ErrorCodes.SlotUnverified,
            $"{request.Product} cannot be started: "
            + string.Join("; ", refused.Select(slot => $"slot {slot.Slot}: {slot.Reason}")));
    }

    private List<VerifiedManifest> FindReleases(BootRequest request, List<TrustRecord> known)
    {
        List<VerifiedRoot> roots = request.RootFile is { } file
            ? [ReadRoot(file)]
            : [.. known.Where(record => record.Root is not null)
                .Select(record => VerifiedRoot.SelfSigned(Envelope.Parser.ParseFrom(record.Root)))];
        // A floor that no release has reached yet that was kept here would leave the machine with nothing to start.
        var floor = 0UL;
        foreach (var record in known)
            floor = Math.Max(floor, Math.Min(record.MinimumCounter, record.AcceptedCounter));
        var releases = new List<VerifiedManifest>();
        foreach (var digest in product.Manifests.List())
        {
            if (TryRead(digest) is { } envelope
                && (TryVerify(envelope, roots) ?? TryVerify(envelope, RootsOfDisowned(digest))) is { } release
                && release.Head.Product == request.Product
                && release.Head.Counter >= floor)
                releases.Add(release);
        }
        return releases;

        // A root that removes the key of what is installed would leave the machine with nothing to start until a
        // release of another key is kept. A root that is given for the start has the last word.
        List<VerifiedRoot> RootsOfDisowned(Digest digest) => request.RootFile is not null ? [] :
        [
            .. known.Where(record => record.AcceptedCounter == 0 && record.Disowned == digest
                    && record.DisownedRoot is not null)
                .Select(record => VerifiedRoot.SelfSigned(Envelope.Parser.ParseFrom(record.DisownedRoot))),
        ];
    }

    /// <summary>Finds the trust state of the product. A machine with a root file of its own starts without one: whoever
    /// can damage the trust state could have removed it as well.</summary>
    private List<TrustRecord> FindTrust(BootRequest request)
    {
        try
        {
            return [.. trustStore.Load().Records.Where(record => record.Product == request.Product)];
        }
        catch (ChunkOtaException) when (request.RootFile is not null)
        {
            return [];
        }
    }

    private Envelope? TryRead(Digest digest)
    {
        try
        {
            return product.Manifests.FindEnvelope(digest);
        }
        catch (FileSystemException)
        {
            // One bad block of the disk costs one release.
            return null;
        }
    }

    /// <summary>Tells whether the newest channel pointers withdraw a release. It starts all the same: its successor may
    /// be what does not work.</summary>
    private static bool IsWithdrawn(Digest release, List<TrustRecord> known) =>
        known.SelectMany(record => record.Channels)
            .Select(channel => ChannelPointer.Parser.ParseFrom(Envelope.Parser.ParseFrom(channel.Pointer).Payload))
            .Any(pointer => pointer.Revoked.Contains(release.ToByteString()));

    private static VerifiedRoot ReadRoot(string file) =>
        DurableFile.FindBytes(file, MaxRootBytes) is { } json
            ? VerifiedRoot.SelfSigned(SignedDocument.FromJson(json))
            : throw new ChunkOtaException(ErrorCodes.RootInvalid, $"the trust root is missing: {file}");

    private static VerifiedManifest? TryVerify(Envelope envelope, List<VerifiedRoot> roots)
    {
        foreach (var root in roots)
        {
            try
            {
                return VerifiedManifest.Verify(envelope, root);
            }
            catch (ChunkOtaException)
            {
                // Signed by others, or damaged: as good as none.
                continue;
            }
        }
        return null;
    }
}
