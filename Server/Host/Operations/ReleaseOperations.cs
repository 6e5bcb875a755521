using System.Runtime.CompilerServices;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Storage;
using Google.Protobuf;

namespace ChunkOta.Server;

/// <summary>Giving releases out: what releases.proto and Chunks.FetchChunks promise.</summary>
/// <remarks>A release that the caller may not read is as unknown to it as one that is not there.</remarks>
internal sealed class ReleaseOperations(
    ICatalogue catalogue, IObjectReader objects, ReleaseReader reader, ChunkFetcher fetcher, DeltaOperations deltas)
{
    private const int PieceBytes = 256 * 1024;
    private const int MaxMessageBytes = 512 * 1024;

    public async Task<ListReleasesResponse> ListAsync(
        Caller caller, ListReleasesRequest request, CancellationToken cancellationToken)
    {
        var product = request.Product.Length != 0 ? request.Product : caller.Product;
        if (product is not null)
        {
            caller.DemandRead(product);
            if (await catalogue.Identities.FindProductAsync(product, cancellationToken) is null)
                throw new ChunkOtaException(ErrorCodes.ProductUnknown, $"There is no product {OneLine.Of(product)}");
        }

        var page = await catalogue.Releases.ListReleasesAsync(
            new ReleaseQuery
            {
                Product = product,
                Platform = NullIfEmpty(request.Platform),
                Version = NullIfEmpty(request.Version),
                OnlyAnchors = request.OnlyAnchors,
                PageSize = (int)Math.Min(request.PageSize, ReleaseQuery.MaxPageSize),
                PageToken = NullIfEmpty(request.PageToken),
            },
            cancellationToken);
        return new ListReleasesResponse
        {
            Releases = { page.Releases.Select(release => release.ToMessage()) },
            NextPageToken = page.NextPageToken ?? "",
        };
    }

    /// <summary>The pieces of a manifest's stored envelope.</summary>
    public async IAsyncEnumerable<ReadManifestResponse> ReadManifestAsync(
        Caller caller, ReadManifestRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var release = await GetReadableAsync(caller, ToDigest(request.ManifestDigest), cancellationToken);
        for (var at = 0L; at < release.ManifestEnvelopeBytes; at += PieceBytes)
        {
            var piece = new byte[Math.Min(PieceBytes, release.ManifestEnvelopeBytes - at)];
            await objects.ReadAsync(ObjectName.Manifest(release.Manifest), at, piece, cancellationToken);
            yield return new ReadManifestResponse { Piece = UnsafeByteOperations.UnsafeWrap(piece) };
        }
    }

    /// <summary>The recipes of the entries asked for, in that order, as few messages as fit.</summary>
    public async IAsyncEnumerable<FetchRecipesResponse> FetchRecipesAsync(
        Caller caller, FetchRecipesRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var release = await GetReadableAsync(caller, ToDigest(request.ManifestDigest), cancellationToken);
        var entries = await reader.GetEntriesAsync(release.Manifest, cancellationToken);
        var response = new FetchRecipesResponse();
        var bytes = 0;
        foreach (var entry in request.Entries)
        {
            var file = entries.GetFile(entry);
            if (file.Recipe is null)
                throw new ChunkOtaException(
                    ErrorCodes.EntryInvalid, $"Entry {entry} of the release is one chunk and has no recipe");

            ReadOnlyMemory<byte> recipe = (await reader.GetRecipeAsync(file, entries.Cut, cancellationToken)).ToBytes();
            while (!recipe.IsEmpty)
            {
                var piece = recipe[..Math.Min(recipe.Length, MaxMessageBytes - bytes)];
                response.Pieces.Add(new RecipePiece { Entry = entry, Data = UnsafeByteOperations.UnsafeWrap(piece) });
                recipe = recipe[piece.Length..];
                bytes += piece.Length;
                // What names a small piece may be longer than the piece: both count.
                if (bytes < MaxMessageBytes && response.Pieces.Count < MaxMessageBytes / 64) continue;
                yield return response;
                (response, bytes) = (new FetchRecipesResponse(), 0);
            }
        }

        if (response.Pieces.Count != 0) yield return response;
    }

    /// <summary>The frames that hold the chunks asked for. The caller disposes of each batch.</summary>
    public async IAsyncEnumerable<FrameBatch> FetchChunksAsync(
        Caller caller, FetchChunksRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var release = await GetReadableAsync(caller, ToDigest(request.ManifestDigest), cancellationToken);
        await foreach (var batch in fetcher.FetchAsync(release.Manifest, request.Wants, cancellationToken))
            yield return batch;
    }

    /// <summary>The pieces of a delta to a release.</summary>
    public async IAsyncEnumerable<FetchDeltaResponse> FetchDeltaAsync(
        Caller caller, FetchDeltaRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var release = await GetReadableAsync(caller, ToDigest(request.ManifestDigest), cancellationToken);
        await foreach (var piece in deltas.FetchAsync(release, request, cancellationToken)) yield return piece;
    }

    /// <summary>A visible release that the caller may read.</summary>
    /// <exception cref="ChunkOtaException">RELEASE_UNKNOWN.</exception>
    public async ValueTask<ReleaseRecord> GetReadableAsync(
        Caller caller, Digest manifest, CancellationToken cancellationToken) =>
        await catalogue.Releases.FindReleaseAsync(manifest, cancellationToken) is { } release
            && caller.MayRead(release.Product)
            ? release
            : throw new ChunkOtaException(
                ErrorCodes.ReleaseUnknown, $"There is no release with the manifest {manifest}");

    /// <summary>Whether a release has a recipe, so that reading the release allows reading it.</summary>
    public async ValueTask<bool> HasRecipeAsync(
        ReleaseRecord release, Digest recipe, CancellationToken cancellationToken) =>
        (await reader.GetEntriesAsync(release.Manifest, cancellationToken)).HasRecipe(recipe);

    /// <summary>The digest that names a release.</summary>
    /// <exception cref="ChunkOtaException">RELEASE_UNKNOWN: it is none.</exception>
    public static Digest ToDigest(ByteString bytes) => Digest.TryFromBytes(bytes.Span, out var digest)
        ? digest
        : throw new ChunkOtaException(ErrorCodes.ReleaseUnknown, $"{bytes.Length} bytes are no digest");

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
