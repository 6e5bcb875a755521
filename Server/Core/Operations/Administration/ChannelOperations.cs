using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Lists channels and moves them to another release.</summary>
/// <param name="catalogue">Has the channels.</param>
/// <param name="deltas">Queues the deltas to a channel's new release.</param>
/// <param name="clock">Checked against the expiry of documents.</param>
/// <param name="log">Gets a line for each move.</param>
public sealed partial class ChannelOperations(
    ICatalogue catalogue, DeltaRequests deltas, TimeProvider clock, ILogger<ChannelOperations> log)
{
    private const int MaxChannels = 200;

    /// <summary>The channels of a product, or of all products that the caller can see.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN.</exception>
    public async Task<IReadOnlyList<ChannelRecord>> ListAsync(
        Caller caller, string? product, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandReader();
        var scope = await catalogue.Identities.GetScopeAsync(caller, product, cancellationToken);
        var channels = await catalogue.Releases.ListChannelsAsync(scope, cancellationToken);
        return [.. channels.Take(MaxChannels)];
    }

    /// <summary>Stores a signed channel pointer, which makes its release current.</summary>
    /// <param name="caller">A publisher of the product.</param>
    /// <param name="pointerEnvelope">The signed pointer.</param>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED; POINTER_INVALID, SIG_INVALID, EXPIRED and the like;
    /// RELEASE_UNKNOWN; SEQ_TAKEN.</exception>
    public async Task PutPointerAsync(
        Caller caller, ReadOnlyMemory<byte> pointerEnvelope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var envelope = SignedDocument.Parse(pointerEnvelope);
        // The unverified product serves only to find the root that verifies the rest.
        var name = VerifiedPointer.PeekProduct(envelope);
        caller.DemandPublish(name);
        var product = await catalogue.Identities.GetProductAsync(name, cancellationToken);
        var root = product.VerifyRoot();
        root.CheckFresh(clock.GetUtcNow());
        var pointer = VerifiedPointer.Verify(envelope, root);
        pointer.CheckFresh(clock.GetUtcNow());
        var value = pointer.Value;
        var current = value.Current.ManifestDigest.ToDigest();
        await CheckReleaseAsync(
            value.Product, value.Platform, current, value.Current.Counter, value.Current.ManifestBytes,
            cancellationToken);
        if (value.Candidate is { } candidate)
        {
            await CheckReleaseAsync(
                value.Product, value.Platform, candidate.ManifestDigest.ToDigest(), candidate.Counter,
                candidate.ManifestBytes, cancellationToken);
        }

        await catalogue.Releases.PutPointerAsync(pointer.ToNewPointer(), cancellationToken);
        LogMoved(value.Product, value.Platform, value.Channel, value.Seq, caller.Id);
        await deltas.EnqueueForAsync(current, cancellationToken);
    }

    /// <summary>Refuses a pointer that misstates its release's length or counter: every device would refuse the
    /// release.</summary>
    private async ValueTask CheckReleaseAsync(
        string product, string platform, Digest manifest, ulong counter, ulong manifestBytes,
        CancellationToken cancellationToken)
    {
        var release = await catalogue.Releases.FindReleaseAsync(manifest, cancellationToken);
        if (release is null || release.Product != product || release.Platform != platform)
            throw new ChunkOtaException(
                ErrorCodes.ReleaseUnknown,
                $"unknown release of {product} for {platform}: manifest {manifest}: publish it first");
        if (release.Counter != counter || (ulong)release.ManifestPayloadBytes != manifestBytes)
            throw new ChunkOtaException(
                ErrorCodes.PointerInvalid,
                $"the pointer misstates the length or counter of a manifest: {manifest}: sign it again");
    }

    [LoggerMessage(4031, LogLevel.Information,
        "Channel {Channel} of {Product} ({Platform}) moved to pointer {Seq} by {Caller}")]
    private partial void LogMoved(string product, string platform, string channel, ulong seq, string caller);
}
