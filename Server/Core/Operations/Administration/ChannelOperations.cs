using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Lists channels, moves them to another release, and deletes them.</summary>
public sealed partial class ChannelOperations
{
    private const int MaxPointers = 10_000;
    private const int MaxReasonCharacters = 500;

    /// <summary>The most releases that a pointer can withdraw.</summary>
    private const int MaxReinstated = 64;

    private readonly ICatalogue _catalogue;
    private readonly DocumentCopies _documents;
    private readonly DeltaRequests _deltas;
    private readonly ChannelMoves _moves;
    private readonly TimeProvider _clock;
    private readonly ILogger<ChannelOperations> _log;

    /// <param name="catalogue">Has the channels.</param>
    /// <param name="documents">Copies the pointers.</param>
    /// <param name="deltas">Queues the deltas to a channel's new release.</param>
    /// <param name="moves">Tells the devices that listen.</param>
    /// <param name="clock">Checked against the expiry of documents.</param>
    /// <param name="log">Gets a line for each move.</param>
    internal ChannelOperations(
        ICatalogue catalogue,
        DocumentCopies documents,
        DeltaRequests deltas,
        ChannelMoves moves,
        TimeProvider clock,
        ILogger<ChannelOperations> log) =>
        (_catalogue, _documents, _deltas, _moves, _clock, _log) = (catalogue, documents, deltas, moves, clock, log);

    /// <summary>The channels of a product, or of all products that the caller can see.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN.</exception>
    public async Task<IReadOnlyList<ChannelRecord>> ListAsync(
        Caller caller, string? product, bool includeDeleted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandReader();
        var scope = await _catalogue.Identities.GetScopeAsync(caller, product, cancellationToken);
        return await _catalogue.Releases.ListChannelsAsync(scope, includeDeleted, cancellationToken);
    }

    /// <summary>The lowest number that a pointer may have; 0 if the server was never restored.</summary>
    public async ValueTask<ulong> ReadLeastNumberAsync(CancellationToken cancellationToken) =>
        (await _catalogue.Restores.FindLastAsync(cancellationToken))?.LeastNumber ?? 0;

    /// <summary>Stores signed channel pointers, which makes their releases current: all of them, or none.</summary>
    /// <param name="caller">A publisher of the products.</param>
    /// <param name="envelopes">The signed pointers.</param>
    /// <param name="withdrawals">How the pointers change what is withdrawn.</param>
    /// <param name="createsChannel">A channel may be one that the product does not have.</param>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED; POINTER_INVALID, SIG_INVALID, EXPIRED and the like;
    /// RELEASE_UNKNOWN; SEQ_TAKEN; COUNTER_LOWER; CHANNEL_UNKNOWN; USAGE: too many pointers or releases to
    /// reinstate, or too long a reason.</exception>
    public async Task PutPointersAsync(
        Caller caller, IReadOnlyList<ReadOnlyMemory<byte>> envelopes, Withdrawals withdrawals, bool createsChannel,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(envelopes);
        ArgumentNullException.ThrowIfNull(withdrawals);
        if (envelopes.Count is 0 or > MaxPointers)
            throw new ChunkOtaException(
                ErrorCodes.Usage, $"one call takes 1 to {MaxPointers} pointers: {envelopes.Count} came: send fewer");
        if (withdrawals.Reason.Length > MaxReasonCharacters)
            throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"the reason of a withdrawal has at most {MaxReasonCharacters} characters: "
                + $"{withdrawals.Reason.Length} came");
        if (withdrawals.Reinstated.Count > MaxReinstated)
            throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"one call reinstates at most {MaxReinstated} releases: {withdrawals.Reinstated.Count} came: send "
                + "fewer");
        List<NewPointer> pointers = [];
        foreach (var envelope in envelopes)
            pointers.Add(await VerifyAsync(caller, envelope, cancellationToken));

        await _catalogue.Releases.PutPointersAsync(
            pointers, withdrawals with { Reason = OneLine.Of(withdrawals.Reason) },
            createsChannel ? Allowances.NewChannel : Allowances.None, cancellationToken);
        foreach (var pointer in pointers)
            LogMoved(pointer.Product, pointer.Platform, pointer.Channel, pointer.Seq, pointer.Counter, caller.Id);
        // The channels have moved: what follows must happen even if the caller is gone.
        foreach (var current in pointers.Select(pointer => pointer.Current).Distinct())
            await _deltas.EnqueueForAsync(current, CancellationToken.None);
        foreach (var product in pointers.Select(pointer => pointer.Product).Distinct())
            _moves.Moved(product);
        await _documents.StoreAsync(pointers.Select(pointer => pointer.Digest), cancellationToken);
    }

    /// <summary>Deletes a channel for one platform or for all.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN, CHANNEL_UNKNOWN, IN_USE.</exception>
    public async Task<DeletedChannel> DeleteAsync(
        Caller caller, string product, string channel, string? platform, bool evenIfFollowed,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        Names.CheckProduct(product);
        Names.CheckChannel(channel);
        if (platform is not null) Names.CheckPlatform(platform);
        var deleted = await _catalogue.Releases.DeleteChannelAsync(
            product, channel, platform, evenIfFollowed, cancellationToken);
        LogDeleted(product, string.Join(' ', deleted.Platforms), channel, deleted.Devices, caller.Id);
        return deleted;
    }

    private async Task<NewPointer> VerifyAsync(
        Caller caller, ReadOnlyMemory<byte> pointerEnvelope, CancellationToken cancellationToken)
    {
        var envelope = SignedDocument.Parse(pointerEnvelope);
        // The unverified product serves only to find the root that verifies the rest.
        var name = VerifiedPointer.PeekProduct(envelope);
        caller.DemandPublish(name);
        var product = await _catalogue.Identities.GetProductAsync(name, cancellationToken);
        var root = product.VerifyRoot();
        root.CheckFresh(_clock.GetUtcNow());
        var pointer = VerifiedPointer.Verify(envelope, root);
        pointer.CheckFresh(_clock.GetUtcNow());
        pointer.CheckIssued(_clock.GetUtcNow(), "the server");
        var value = pointer.Value;
        await CheckReleaseAsync(
            value.Product, value.Platform, value.Current.ManifestDigest.ToDigest(), value.Current.Counter,
            value.Current.ManifestBytes, cancellationToken);
        if (value.Candidate is { } candidate)
        {
            await CheckReleaseAsync(
                value.Product, value.Platform, candidate.ManifestDigest.ToDigest(), candidate.Counter,
                candidate.ManifestBytes, cancellationToken);
        }

        return pointer.ToNewPointer();
    }

    /// <summary>Refuses a pointer that misstates its release's length or counter: every device would refuse the
    /// release.</summary>
    private async ValueTask CheckReleaseAsync(
        string product, string platform, Digest manifest, ulong counter, ulong manifestBytes,
        CancellationToken cancellationToken)
    {
        var release = await _catalogue.Releases.FindReleaseAsync(manifest, cancellationToken);
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
        "Channel {Channel} of {Product} ({Platform}) moved to pointer {Seq}, counter {Counter}, by {Caller}")]
    private partial void LogMoved(
        string product, string platform, string channel, ulong seq, ulong counter, string caller);

    [LoggerMessage(4034, LogLevel.Warning,
        "Channel {Channel} of {Product} ({Platforms}) deleted, followed by {Devices} devices, by {Caller}")]
    private partial void LogDeleted(string product, string platforms, string channel, long devices, string caller);
}
