using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Agent;

/// <summary>Accepts of a server's answer only what the newest trust root vouches for.</summary>
/// <param name="manifests">The manifests that this device holds.</param>
/// <param name="trust">The trust state under the newest root.</param>
/// <param name="installed">The installed release; null for none.</param>
/// <param name="root">The newest root.</param>
/// <param name="question">The question that was asked.</param>
/// <param name="time">The one moment that everything is judged by.</param>
internal sealed class OfferCheck(
    ManifestStore manifests,
    TrustRecord trust,
    InstalledRelease? installed,
    VerifiedRoot root,
    UpdateQuestion question,
    DeviceTime time)
{
    /// <summary>The lowest counter to accept. The installed release is the second witness: a trust store that was set
    /// back does not set the device back.</summary>
    private readonly ulong _minimumCounter = question.AllowsOlder ? trust.MinimumCounter : Math.Max(
        Math.Max(trust.AcceptedCounter, trust.MinimumCounter),
        installed is null || installed.ManifestDigest == trust.Disowned ? 0 : installed.Counter);

    /// <summary>Verifies the answer.</summary>
    /// <param name="answer">The server's answer, whose roots were followed.</param>
    /// <exception cref="ChunkOtaException"><c>SERVER_BEHIND</c>: it is older than what was accepted, and the server
    /// says that it was restored from a backup; every other code refuses the answer as it is.</exception>
    public async Task<AcceptedUpdate> AcceptAsync(IUpdateAnswer answer, CancellationToken cancellationToken)
    {
        try
        {
            return await AcceptOfferAsync(answer, cancellationToken).ConfigureAwait(false);
        }
        catch (ChunkOtaException e) when (e.Code == ErrorCodes.Rollback && answer.Offer.IsServerBehind)
        {
            // The refusal is the same; only an honest accident is not told as an attack.
            throw new ChunkOtaException(
                ErrorCodes.ServerBehind,
                $"the server was restored from a backup, and this device is ahead of it: {e.Message}: nothing changes "
                + "here until its publisher has published again",
                e);
        }
    }

    private async Task<AcceptedUpdate> AcceptOfferAsync(IUpdateAnswer answer, CancellationToken cancellationToken)
    {
        var offer = answer.Offer;
        var pointer = AcceptPointer(offer);
        var digest = AcceptChoice(offer, pointer);
        var envelope = offer.IsHeld
            ? manifests.FindEnvelope(digest)
                ?? throw Mismatch($"the server says that this device holds manifest {digest}, which it does not")
            : await ReadAsync(answer, digest, cancellationToken).ConfigureAwait(false);
        var manifest = AcceptManifest(envelope, digest, pointer, offer.ManifestBytes);
        return new AcceptedUpdate(NewTrust(pointer), manifest, offer.Deltas);
    }

    /// <summary>Accepts the pointer if it is for this device, fresh,
    /// and not older than the last accepted one.</summary>
    private VerifiedPointer AcceptPointer(OfferedUpdate offer)
    {
        if (offer.Pointer is null)
            throw new ChunkOtaException(ErrorCodes.PointerInvalid, "the server sent no channel pointer");
        var pointer = VerifiedPointer.Verify(offer.Pointer, root);
        pointer.CheckFor(question.Product, question.Platform, question.Channel);
        CheckTimes(pointer, offer);
        if (FindPrevious() is { } previous)
            pointer.CheckFollows(previous);
        return pointer;
    }

    /// <summary>Refuses a root or pointer that is not of the present, and names the clock that may be the
    /// cause.</summary>
    private void CheckTimes(VerifiedPointer pointer, OfferedUpdate offer)
    {
        try
        {
            root.CheckFresh(time.Now);
            pointer.CheckFresh(time.Now);
            time.CheckIssued(pointer.CheckIssued);
        }
        catch (ChunkOtaException e) when (time.FindClockFault(offer.ServerClockAhead) is { } fault)
        {
            throw new ChunkOtaException(e.Code, $"{e.Message}; {fault}", e);
        }
    }

    private VerifiedPointer? FindPrevious()
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
    private Digest AcceptChoice(OfferedUpdate offer, VerifiedPointer pointer)
    {
        var digest = offer.Manifest ?? throw Mismatch("the server named no manifest");
        if (question.Version is null)
        {
            var candidate = pointer.Value.Candidate;
            var chosen = offer.IsCandidate && candidate is not null && candidate.Counter >= _minimumCounter
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
        IUpdateAnswer answer, Digest digest, CancellationToken cancellationToken)
    {
        var offer = answer.Offer;
        var prefix = offer.UsesHeldManifest && question.Held is { } held
            ? manifests.FindEnvelope(held)?.Payload.Memory
                ?? throw Mismatch($"this device does not hold manifest {held} any more")
            : ReadOnlyMemory<byte>.Empty;
        var length = ManifestTransfer.CheckLengths(
            offer.ManifestBytes, offer.SentBytes, prefix.Length, ManifestLimits.Default.MaxPayloadBytes);
        var sent = await answer.ReadManifestAsync(length, cancellationToken).ConfigureAwait(false);
        var payload = ManifestTransfer.Decode(sent, (int)offer.ManifestBytes, prefix.Span);
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
        Envelope envelope, Digest digest, VerifiedPointer pointer, ulong manifestBytes)
    {
        var manifest = VerifiedManifest.Verify(envelope, root);
        if (manifest.Digest != digest || (ulong)manifest.PayloadBytes != manifestBytes)
            throw Mismatch($"the manifest is not {digest}");
        manifest.CheckFor(question.Product, question.Platform);
        time.CheckIssued(manifest.CheckIssued);
        if (question.Version is not null && manifest.Head.Version != question.Version)
        {
            throw new ChunkOtaException(
                ErrorCodes.WrongTarget, $"the manifest is of version {manifest.Version}, not {question.Version}");
        }
        pointer.CheckAllows(manifest);
        RequireNotOlder(manifest.Head.Counter, manifest.Head.Version);
        return manifest;
    }

    private TrustRecord NewTrust(VerifiedPointer pointer) =>
        trust.With(new ChannelTrust
        {
            Channel = question.Channel,
            Platform = question.Platform,
            Pointer = pointer.Envelope.ToByteArray(),
            Seq = pointer.Value.Seq,
        }) with
        {
            Root = root.Envelope.ToByteArray(),
            TimeFloorUnixSeconds = time.FloorAfter(pointer.Issued).ToUnixTimeSeconds(),
            MinimumCounter = Math.Max(trust.MinimumCounter, pointer.Value.Floor),
        };

    private void RequireNotOlder(ulong counter, string version)
    {
        if (counter < _minimumCounter)
        {
            throw new ChunkOtaException(
                ErrorCodes.Rollback,
                $"{OneLine.Of(version)} (counter {counter}) is older than what this device accepts "
                + $"({_minimumCounter})");
        }
    }

    private static ChunkOtaException Mismatch(string what) => new(ErrorCodes.DigestMismatch, what);
}
