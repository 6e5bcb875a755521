using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Agent;

/// <summary>A release that may be installed: everything about it was verified.</summary>
/// <param name="Trust">The new trust state, with the pointer and root that were accepted.</param>
/// <param name="Manifest">The release.</param>
/// <param name="Deltas">Deltas that are said to make it, if any: no more than a hint.</param>
internal sealed record AcceptedUpdate(TrustRecord Trust, VerifiedManifest Manifest, DeltaOffers? Deltas)
{
    /// <summary>The release as the planner sees it.</summary>
    public WantedRelease Release { get; } = WantedRelease.Of(Manifest);
}

/// <summary>Asks which release is current, and accepts of the answer only what follows from the trust root.</summary>
/// <remarks>
/// In this order, each refused unless the one before was accepted: the chain of roots, the age of the newest root; the
/// pointer, its age and its order after the last one; the manifest that the pointer names, its signatures and rules;
/// and that it is not older than what this device has accepted.
/// </remarks>
/// <param name="service">The server.</param>
/// <param name="manifests">The manifests that this device holds.</param>
/// <param name="trust">The trust state so far.</param>
/// <param name="minimumCounter">Releases with a lower counter are refused,
/// whatever <paramref name="trust"/> says.</param>
/// <param name="now">The one moment that everything is judged by.</param>
internal sealed class UpdateCheck(
    IUpdateService service, ManifestStore manifests, TrustRecord trust, ulong minimumCounter, DateTimeOffset now)
{
    /// <summary>The most trust roots in one answer; more are asked for again.</summary>
    private const int RootsPerCall = 8;

    private const int MaxCalls = 128;

    /// <summary>Asks, and verifies the answer.</summary>
    /// <exception cref="ChunkOtaException">Anything that an attack, an accident or an old server may cause;
    /// the trust state is unchanged then.</exception>
    public async Task<AcceptedUpdate> RunAsync(UpdateQuestion question, CancellationToken cancellationToken)
    {
        var root = trust.Root is null ? null : VerifiedRoot.SelfSigned(Envelope.Parser.ParseFrom(trust.Root));
        for (var calls = 0; calls < MaxCalls; calls++)
        {
            question = question with { RootVersion = root?.Version ?? 0 };
            var answer = await service.CheckAsync(question, cancellationToken).ConfigureAwait(false);
            await using (answer.ConfigureAwait(false))
            {
                root = Follow(root, answer.Offer.Roots);
                if (answer.Offer.Roots.Count < RootsPerCall)
                    return await AcceptAsync(question, root, answer, cancellationToken).ConfigureAwait(false);
            }
        }
        throw new ChunkOtaException(ErrorCodes.RootChain, "the server's chain of trust roots does not end");
    }

    private VerifiedRoot Follow(VerifiedRoot? root, IReadOnlyList<Envelope> successors)
    {
        foreach (var successor in successors)
            root = root is null ? VerifiedRoot.First(successor, trust.PinnedRoot) : VerifiedRoot.Next(successor, root);
        return root ?? throw new ChunkOtaException(ErrorCodes.RootChain, "the server sent no trust root");
    }

    private async Task<AcceptedUpdate> AcceptAsync(
        UpdateQuestion question, VerifiedRoot root, IUpdateAnswer answer, CancellationToken cancellationToken)
    {
        var offer = answer.Offer;
        root.CheckFresh(now);
        var pointer = AcceptPointer(offer, root, question);
        var digest = AcceptChoice(offer, pointer, question);
        var envelope = offer.IsHeld
            ? manifests.FindEnvelope(digest)
                ?? throw Mismatch($"the server says that this device holds manifest {digest}, which it does not")
            : await ReadAsync(answer, digest, question, cancellationToken).ConfigureAwait(false);
        var manifest = AcceptManifest(envelope, digest, root, pointer, question, offer.ManifestBytes);
        return new AcceptedUpdate(NewTrust(root, offer.Pointer!, pointer.Value, question), manifest, offer.Deltas);
    }

    /// <summary>Accepts the pointer if it is for this device, fresh,
    /// and not older than the last accepted one.</summary>
    private VerifiedPointer AcceptPointer(OfferedUpdate offer, VerifiedRoot root, UpdateQuestion question)
    {
        if (offer.Pointer is null)
            throw new ChunkOtaException(ErrorCodes.PointerInvalid, "the server sent no channel pointer");
        var pointer = VerifiedPointer.Verify(offer.Pointer, root);
        pointer.CheckFor(question.Product, question.Platform, question.Channel);
        pointer.CheckFresh(now);
        if (FindPrevious(root, question) is { } previous)
            pointer.CheckFollows(previous);
        return pointer;
    }

    private VerifiedPointer? FindPrevious(VerifiedRoot root, UpdateQuestion question)
    {
        if (trust.Find(question.Channel, question.Platform) is not { } held)
            return null;
        try
        {
            return VerifiedPointer.Verify(Envelope.Parser.ParseFrom(held.Pointer), root);
        }
        catch (SignatureRejectedException)
        {
            // The root has removed that key since. What it signed last no longer binds: a thief of the key could
            // have closed the channel for ever with the highest number there is.
            return null;
        }
    }

    /// <summary>Accepts the manifest that the server names if the pointer names it too, or the version was asked for,
    /// and if it is not withdrawn.</summary>
    private Digest AcceptChoice(OfferedUpdate offer, VerifiedPointer pointer, UpdateQuestion question)
    {
        var digest = offer.Manifest ?? throw Mismatch("the server named no manifest");
        if (question.Version is null)
        {
            var candidate = pointer.Value.Candidate;
            var chosen = offer.IsCandidate && candidate is not null && candidate.Counter >= minimumCounter
                ? candidate
                : pointer.Value.Current;
            if (chosen is null || chosen.ManifestDigest != digest.ToByteString()
                || chosen.ManifestBytes != offer.ManifestBytes)
            {
                throw Mismatch("the server offers another release than the pointer");
            }
            RequireNotOlder(chosen.Counter, chosen.Version);
        }
        if (pointer.Value.Revoked.Contains(digest.ToByteString()))
            throw new ChunkOtaException(ErrorCodes.Revoked, $"release {digest} of {question.Product} was withdrawn");
        return digest;
    }

    private async Task<Envelope> ReadAsync(
        IUpdateAnswer answer, Digest digest, UpdateQuestion question, CancellationToken cancellationToken)
    {
        var offer = answer.Offer;
        var prefix = offer.UsesHeldManifest && question.Held is { } held
            ? manifests.FindEnvelope(held)?.Payload.Memory
                ?? throw Mismatch($"this device does not hold manifest {held} any more")
            : ReadOnlyMemory<byte>.Empty;
        var length = ReceivedManifest.CheckLengths(offer.ManifestBytes, offer.SentBytes, prefix.Length);
        var sent = await answer.ReadManifestAsync(length, cancellationToken).ConfigureAwait(false);
        var payload = ReceivedManifest.Decode(sent, (int)offer.ManifestBytes, prefix.Span);
        if (Digest.Of(payload) != digest)
            throw Mismatch($"the manifest that came is not {digest}");
        return new Envelope
        {
            PayloadType = PayloadTypes.Manifest,
            Payload = UnsafeByteOperations.UnsafeWrap(payload),
            Signatures = { offer.Signatures },
        };
    }

    private VerifiedManifest AcceptManifest(
        Envelope envelope,
        Digest digest,
        VerifiedRoot root,
        VerifiedPointer pointer,
        UpdateQuestion question,
        ulong manifestBytes)
    {
        var manifest = VerifiedManifest.Verify(envelope, root);
        if (manifest.Digest != digest || (ulong)manifest.PayloadBytes != manifestBytes)
            throw Mismatch($"the manifest is not {digest}");
        manifest.CheckFor(question.Product, question.Platform);
        if (question.Version is not null && manifest.Head.Version != question.Version)
        {
            throw new ChunkOtaException(
                ErrorCodes.WrongTarget, $"the manifest is of version {manifest.Version}, not {question.Version}");
        }
        pointer.CheckAllows(manifest);
        RequireNotOlder(manifest.Head.Counter, manifest.Head.Version);
        return manifest;
    }

    private TrustRecord NewTrust(
        VerifiedRoot root, Envelope envelope, ChannelPointer pointer, UpdateQuestion question) =>
        trust.With(new ChannelTrust
        {
            Channel = question.Channel,
            Platform = question.Platform,
            Pointer = envelope.ToByteArray(),
            Seq = pointer.Seq,
        }) with
        {
            Root = root.Envelope.ToByteArray(),
            TimeFloorUnixSeconds = Math.Max(trust.TimeFloorUnixSeconds, pointer.IssuedUnixSeconds),
            MinimumCounter = Math.Max(trust.MinimumCounter, pointer.Floor),
        };

    private void RequireNotOlder(ulong counter, string version)
    {
        if (counter < minimumCounter)
        {
            throw new ChunkOtaException(
                ErrorCodes.Rollback,
                $"{OneLine.Of(version)} (counter {counter}) is older than what this device accepts ({minimumCounter})");
        }
    }

    private static ChunkOtaException Mismatch(string what) => new(ErrorCodes.DigestMismatch, what);
}
