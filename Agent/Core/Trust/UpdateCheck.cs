using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Agent;

/// <summary>What a device asks to be told of.</summary>
/// <param name="Product">The product.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Version">A version other than the channel's current one; null for that.</param>
/// <param name="Held">The digest of a manifest the device holds; null for none.</param>
internal sealed record CheckTarget(
    string Product, string Platform, string Channel, string? Version, Digest? Held);

/// <summary>A release that may be installed: everything about it was verified.</summary>
/// <param name="Trust">What is now to be held true, with the pointer and root that were accepted.</param>
/// <param name="Manifest">The release.</param>
/// <param name="Deltas">Deltas that are said to make it, if any: no more than a hint.</param>
internal sealed record AcceptedUpdate(TrustRecord Trust, VerifiedManifest Manifest, DeltaOffers? Deltas)
{
    /// <summary>The release as the planner sees it.</summary>
    public WantedRelease Contents { get; } = WantedRelease.Of(Manifest);
}

/// <summary>Asks a source what is current and believes nothing of the answer that does not follow from the trust root.</summary>
/// <param name="source">Where to ask.</param>
/// <param name="manifests">Where held manifests are.</param>
/// <param name="trust">What is held true so far.</param>
/// <param name="minimumCounter">Releases with a counter below this are refused, whatever <paramref name="trust"/> says.</param>
/// <param name="now">The run's one moment.</param>
internal sealed class UpdateCheck(
    IReleaseSource source, ManifestStore manifests, TrustRecord trust, ulong minimumCounter, DateTimeOffset now)
{
    /// <summary>Trust roots that come with one answer at most; more are asked for again.</summary>
    private const int RootsPerCall = 8;

    private const int MaxCalls = 128;

    /// <summary>Runs the check.</summary>
    /// <param name="target">What is asked for.</param>
    /// <exception cref="ChunkOtaException">Anything that an attack, an accident or an old server may cause; what is
    /// held true is unchanged then.</exception>
    public async Task<AcceptedUpdate> RunAsync(CheckTarget target, CancellationToken cancellationToken)
    {
        var root = trust.Root is null ? null : VerifiedRoot.SelfSigned(Envelope.Parser.ParseFrom(trust.Root));
        for (var calls = 0; calls < MaxCalls; calls++)
        {
            var request = new CheckForUpdateRequest
            {
                Product = target.Product,
                Platform = target.Platform,
                Channel = target.Channel,
                RootVersion = root?.Version ?? 0,
                HeldManifestDigest = target.Held is { } held ? held.ToByteString() : ByteString.Empty,
                Version = target.Version ?? "",
            };
            var answer = await source.CheckAsync(request, cancellationToken).ConfigureAwait(false);
            await using (answer.ConfigureAwait(false))
            {
                root = Follow(root, answer.Header.Roots);
                if (answer.Header.Roots.Count < RootsPerCall)
                    return await AcceptAsync(target, root, answer, cancellationToken).ConfigureAwait(false);
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
        CheckTarget target, VerifiedRoot root, IUpdateAnswer answer, CancellationToken cancellationToken)
    {
        var header = answer.Header;
        root.CheckFresh(now);
        var pointer = Accept(header.Pointer, root, target);
        var wanted = Choose(header, pointer, target);
        var digest = DigestOf(wanted);
        if (pointer.Value.Revoked.Contains(wanted.Digest))
            throw new ChunkOtaException(ErrorCodes.Revoked, $"release {digest} of {target.Product} was withdrawn");
        var envelope = header.IsHeld
            ? manifests.FindEnvelope(digest)
            : await ReadAsync(answer, digest, wanted.PayloadBytes, target, cancellationToken).ConfigureAwait(false);
        if (envelope is null)
            throw new ChunkOtaException(ErrorCodes.DigestMismatch, $"the server says that manifest {digest} is held");
        var manifest = VerifiedManifest.Verify(envelope, root);
        if (manifest.Digest != digest || (ulong)manifest.PayloadBytes != wanted.PayloadBytes)
            throw new ChunkOtaException(ErrorCodes.DigestMismatch, $"the manifest is not {digest}");
        Accept(manifest, pointer, target);
        return new AcceptedUpdate(
            Accepted(root, header.Pointer, pointer.Value, target), manifest, DeltaSelection.Read(header, target.Held));
    }

    /// <summary>The pointer, if it is for this device, fresh, and not older than the one accepted last.</summary>
    private VerifiedPointer Accept(Envelope? envelope, VerifiedRoot root, CheckTarget target)
    {
        if (envelope is null)
            throw new ChunkOtaException(ErrorCodes.PointerInvalid, "the server sent no channel pointer");
        var pointer = VerifiedPointer.Verify(envelope, root);
        pointer.CheckFor(target.Product, target.Platform, target.Channel);
        pointer.CheckFresh(now);
        if (FindPrevious(root, target) is { } previous)
            pointer.CheckFollows(previous);
        return pointer;
    }

    private VerifiedPointer? FindPrevious(VerifiedRoot root, CheckTarget target)
    {
        if (trust.Find(target.Channel, target.Platform) is not { } held)
            return null;
        try
        {
            return VerifiedPointer.Verify(Envelope.Parser.ParseFrom(held.Pointer), root);
        }
        catch (SignatureRejectedException)
        {
            // The root has taken that key away since: what it signed last binds nobody, or a thief could
            // have closed the channel for ever with the highest number there is.
            return null;
        }
    }

    private DocumentRef Choose(UpdateHeader header, VerifiedPointer pointer, CheckTarget target)
    {
        var named = header.Manifest
            ?? throw new ChunkOtaException(ErrorCodes.DigestMismatch, "the server named no manifest");
        if (target.Version is not null)
            return named;
        var candidate = pointer.Value.Candidate;
        var chosen = header.TakeCandidate && candidate is not null && candidate.Counter >= minimumCounter
            ? candidate
            : pointer.Value.Current;
        if (chosen is null || chosen.ManifestDigest != named.Digest || chosen.ManifestBytes != named.PayloadBytes)
            throw new ChunkOtaException(ErrorCodes.DigestMismatch, "the server offers another release than the pointer");
        RequireNotOlder(chosen.Counter, chosen.Version);
        return named;
    }

    private async Task<Envelope> ReadAsync(
        IUpdateAnswer answer, Digest digest, ulong payloadBytes, CheckTarget target, CancellationToken cancellationToken)
    {
        var header = answer.Header;
        var prefix = header.UsesPrefix && target.Held is { } held
            ? manifests.FindEnvelope(held)?.Payload.Memory
                ?? throw new ChunkOtaException(ErrorCodes.DigestMismatch, $"manifest {held} is not here any more")
            : ReadOnlyMemory<byte>.Empty;
        var length = ReceivedManifest.CheckLengths(payloadBytes, header.TransferBytes, prefix.Length);
        var transfer = await answer.ReadTransferAsync(length, cancellationToken).ConfigureAwait(false);
        var payload = ReceivedManifest.Decode(transfer, (int)payloadBytes, prefix.Span);
        if (Digest.Of(payload) != digest)
            throw new ChunkOtaException(ErrorCodes.DigestMismatch, $"the manifest that came is not {digest}");
        return new Envelope
        {
            PayloadType = PayloadTypes.Manifest,
            Payload = UnsafeByteOperations.UnsafeWrap(payload),
            Signatures = { header.Signatures },
        };
    }

    private void Accept(VerifiedManifest manifest, VerifiedPointer pointer, CheckTarget target)
    {
        manifest.CheckFor(target.Product, target.Platform);
        if (target.Version is not null && manifest.Head.Version != target.Version)
        {
            throw new ChunkOtaException(
                ErrorCodes.WrongTarget, $"the manifest is of version {manifest.Version}, not {target.Version}");
        }
        pointer.CheckAllows(manifest);
        RequireNotOlder(manifest.Head.Counter, manifest.Head.Version);
    }

    private TrustRecord Accepted(VerifiedRoot root, Envelope envelope, ChannelPointer pointer, CheckTarget target) =>
        trust.With(new ChannelTrust
        {
            Channel = target.Channel,
            Platform = target.Platform,
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

    private static Digest DigestOf(DocumentRef document) => Digest.TryFromBytes(document.Digest.Span, out var digest)
        ? digest
        : throw new ChunkOtaException(ErrorCodes.DigestMismatch, "the server named a manifest by no digest");
}
