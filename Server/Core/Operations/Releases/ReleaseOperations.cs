using System.Runtime.CompilerServices;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using Google.Protobuf;

namespace ChunkOta.Server.Core;

/// <summary>Lists releases and gives out their manifests, recipes and chunks.</summary>
/// <remarks>A release that the caller must not read gets the same answer as one that does not exist.</remarks>
/// <param name="store">Has the releases.</param>
/// <param name="sending">Admits the transfers of chunks.</param>
public sealed class ReleaseOperations(Store store, SendingGate sending)
{
    private const int PieceBytes = 256 * 1024;

    /// <summary>One page of releases.</summary>
    /// <param name="caller">Sees the releases of its product alone.</param>
    /// <param name="query">The filter and the page.</param>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN.</exception>
    public async Task<ReleasePage> ListAsync(Caller caller, ReleaseQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(query);
        var scope = await store.Catalogue.Identities.GetScopeAsync(caller, query.Product, cancellationToken);
        return await store.Catalogue.Releases.ListReleasesAsync(query with { Product = scope }, cancellationToken);
    }

    /// <summary>The stored envelope of a manifest, in pieces.</summary>
    /// <exception cref="ChunkOtaException">RELEASE_UNKNOWN.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadManifestAsync(
        Caller caller, Digest manifest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var release = await GetReadableAsync(caller, manifest, cancellationToken);
        var envelope = await store.Reading.Signed.GetAsync(release.Manifest, cancellationToken);
        ReadOnlyMemory<byte> bytes = envelope.ToByteArray();
        for (var at = 0; at < bytes.Length; at += PieceBytes)
            yield return bytes.Slice(at, Math.Min(PieceBytes, bytes.Length - at));
    }

    /// <summary>The recipes of entries, in the order of the request.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="manifest">The release.</param>
    /// <param name="entries">The entries.</param>
    /// <param name="offset">In bytes; what the caller has already of the first recipe.</param>
    /// <exception cref="ChunkOtaException">RELEASE_UNKNOWN; ENTRY_INVALID: an entry has no recipe; USAGE: the offset is
    /// beyond the recipe's end.</exception>
    public async IAsyncEnumerable<FileRecipe> ReadRecipesAsync(
        Caller caller, Digest manifest, IReadOnlyList<uint> entries, ulong offset,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var release = await GetReadableAsync(caller, manifest, cancellationToken);
        var known = await store.Reading.Releases.GetListingAsync(release.Manifest, cancellationToken);
        foreach (var entry in entries)
        {
            var file = known.GetFile(entry);
            if (file.Recipe is null)
                throw new ChunkOtaException(
                    ErrorCodes.EntryInvalid,
                    $"the entry has no recipe: {entry}: it is one chunk, fetch that");
            var recipe = await store.Reading.Releases.GetRecipeAsync(file, known.Cut, cancellationToken);
            yield return new FileRecipe(entry, recipe, CheckOffset(offset, recipe));
            offset = 0;
        }
    }

    private static int CheckOffset(ulong offset, Recipe recipe)
    {
        var bytes = recipe.Chunks.Count * Recipe.BytesPerChunk;
        return offset <= (ulong)bytes
            ? (int)offset
            : throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"the offset is beyond the end of recipe {recipe.Digest}: {offset} of {bytes} bytes: start again at 0");
    }

    /// <summary>The frames that hold the wanted chunks. The caller disposes of each batch.</summary>
    /// <exception cref="ChunkOtaException">RELEASE_UNKNOWN, THROTTLED, and as
    /// <see cref="ChunkFetcher.FetchAsync"/>.</exception>
    public async IAsyncEnumerable<FrameBatch> FetchChunksAsync(
        Caller caller, Digest manifest, IReadOnlyList<ChunkRange> wants,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var release = await GetReadableAsync(caller, manifest, cancellationToken);
        using var transfer = await sending.EnterAsync(caller, cancellationToken);
        await foreach (var batch in store.Reading.Chunks.FetchAsync(release.Manifest, wants, cancellationToken))
        {
            await PayAsync(transfer, batch, cancellationToken);
            yield return batch;
        }
    }

    /// <summary>A part of one chunk of a release, for a link that breaks before a whole one has come.</summary>
    /// <exception cref="ChunkOtaException">See <see cref="FetchChunksAsync"/>.</exception>
    public async Task<FrameBatch> FetchSliceAsync(
        Caller caller, Digest manifest, ChunkRange want, ChunkSlice slice, CancellationToken cancellationToken)
    {
        var release = await GetReadableAsync(caller, manifest, cancellationToken);
        using var transfer = await sending.EnterAsync(caller, cancellationToken);
        var batch = await store.Reading.Chunks.FetchSliceAsync(release.Manifest, want, slice, cancellationToken);
        await PayAsync(transfer, batch, cancellationToken);
        return batch;
    }

    /// <summary>A visible release that the caller may read.</summary>
    /// <exception cref="ChunkOtaException">RELEASE_UNKNOWN.</exception>
    public async ValueTask<ReleaseRecord> GetReadableAsync(
        Caller caller, Digest manifest, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return await store.Catalogue.Releases.FindReleaseAsync(manifest, cancellationToken) is { } release
            && caller.MayRead(release.Product)
            ? release
            : throw new ChunkOtaException(
                ErrorCodes.ReleaseUnknown, $"unknown release: manifest {manifest}: list the releases there are");
    }

    /// <summary>True when a file of the release has the recipe, so that who may read the one may read the
    /// other.</summary>
    public async ValueTask<bool> HasRecipeAsync(
        ReleaseRecord release, Digest recipe, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(release);
        var entries = await store.Reading.Releases.GetListingAsync(release.Manifest, cancellationToken);
        return entries.HasRecipe(recipe);
    }

    private static async ValueTask PayAsync(Transfer transfer, FrameBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            await transfer.SpendAsync(batch.Frames.Sum(frame => (long)frame.Frame.Length), cancellationToken);
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }
}
