using System.Runtime.CompilerServices;
using ChunkOta.Chunking;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Reads stored deltas, and forgets those that turn out to be lost or damaged.</summary>
/// <param name="store">Has the deltas.</param>
/// <param name="requests">Queues lost deltas again.</param>
/// <param name="log">Gets a warning for each lost delta.</param>
internal sealed partial class DeltaReads(Store store, DeltaRequests requests, ILogger<DeltaReads> log)
{
    private const int PieceBytes = 64 * 1024;

    /// <summary>Bytes between two marks that a delta is in use: one that is being sent is not evicted.</summary>
    private const long TouchEveryBytes = 256L * PieceBytes;

    /// <summary>A delta that leads to a release, verified in the last hour. A damaged one is forgotten and built
    /// again.</summary>
    /// <exception cref="ChunkOtaException">DELTA_UNKNOWN.</exception>
    public async ValueTask<DeltaRecord> GetVerifiedAsync(
        ReleaseRecord release, Digest digest, CancellationToken cancellationToken)
    {
        var delta = await GetAsync(release, digest, cancellationToken);
        try
        {
            await store.Scrubbing.Sent.VerifyAsync(ObjectName.Delta(digest), cancellationToken);
            return delta;
        }
        catch (Exception failure) when (failure is ObjectMissingException or ObjectDamagedException)
        {
            throw await ForgetAsync(delta, cancellationToken);
        }
    }

    /// <summary>The bytes of a delta from an offset on, in pieces.</summary>
    /// <remarks>
    /// A delta that is read from its start is hashed on the way, and its last piece is held back until the digest is
    /// verified. One that is read from elsewhere is verified before, once an hour. A damaged delta is forgotten and
    /// built again, and the device uses chunks.
    /// </remarks>
    /// <param name="release">The release that the delta leads to.</param>
    /// <param name="digest">The delta's name.</param>
    /// <param name="offset">In bytes; what the caller has already.</param>
    /// <exception cref="ChunkOtaException">DELTA_UNKNOWN; USAGE: the offset is beyond the end.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        ReleaseRecord release, Digest digest, ulong offset,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var delta = offset == 0
            ? await GetAsync(release, digest, cancellationToken)
            : await GetVerifiedAsync(release, digest, cancellationToken);
        if (offset > (ulong)delta.Bytes)
            throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"the offset is beyond the end of delta {digest}: {offset} of {delta.Bytes} bytes: start again at 0");

        var hasher = offset == 0 ? new Blake3Hasher() : null;
        for (var at = (long)offset; at < delta.Bytes; at += PieceBytes)
        {
            var piece = new byte[Math.Min(PieceBytes, delta.Bytes - at)];
            await ReadPieceAsync(delta, at, piece, cancellationToken);
            if (at % TouchEveryBytes < PieceBytes) await store.Catalogue.Deltas.TouchAsync(digest, cancellationToken);
            hasher?.Append(piece);
            if (at + piece.Length == delta.Bytes && hasher is not null && hasher.Finish() != digest)
                throw await ForgetAsync(delta, cancellationToken);
            yield return piece;
        }
    }

    private async ValueTask<DeltaRecord> GetAsync(
        ReleaseRecord release, Digest digest, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(release);
        var delta = await store.Deltas.Cache.FindAsync(digest, release.Manifest, cancellationToken)
            ?? throw Unknown(digest);
        await store.Catalogue.Deltas.TouchAsync(digest, cancellationToken);
        return delta;
    }

    private async ValueTask ReadPieceAsync(
        DeltaRecord delta, long at, byte[] piece, CancellationToken cancellationToken)
    {
        try
        {
            await store.Objects.ReadAsync(ObjectName.Delta(delta.Digest!.Value), at, piece, cancellationToken);
        }
        catch (Exception failure) when (failure is ObjectMissingException or ObjectDamagedException)
        {
            throw await ForgetAsync(delta, cancellationToken);
        }
    }

    private async Task<ChunkOtaException> ForgetAsync(DeltaRecord delta, CancellationToken cancellationToken)
    {
        var digest = delta.Digest!.Value;
        await store.Deltas.Cache.ForgetAsync(digest, cancellationToken);
        await requests.RebuildAsync(delta.Pair, delta.Quality, cancellationToken);
        LogForgotten(digest, delta.Product, delta.Platform, delta.FromVersion, delta.ToVersion);
        return Unknown(digest);
    }

    private static ChunkOtaException Unknown(Digest digest) =>
        new(ErrorCodes.DeltaUnknown, $"unknown delta to this release: {digest}: use chunks");

    [LoggerMessage(4062, LogLevel.Warning,
        "Delta {Delta} of {Product} ({Platform}) {From} → {To} is lost or damaged and will be built again")]
    private partial void LogForgotten(Digest delta, string product, string platform, string from, string to);
}
