using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Admin;

/// <summary>Reads the recipes of a release from the server and holds each against its digest.</summary>
internal static class RecipeReader
{
    private const int MaxEntriesPerCall = 8192;

    /// <summary>The recipes by the index of their entry.</summary>
    /// <exception cref="ChunkOtaException"><c>DIGEST_MISMATCH</c>, <c>TOO_LARGE</c>, or what the server
    /// refused.</exception>
    public static async Task<IReadOnlyDictionary<int, Recipe>> ReadAsync(
        Session session, ByteString manifestDigest, Manifest manifest, CancellationToken cancellationToken)
    {
        var cut = manifest.Cut.ToChunking();
        Dictionary<int, Recipe> recipes = [];
        var wanted = Enumerable.Range(0, manifest.Entries.Count)
            .Where(index => !manifest.Entries[index].Recipe.IsEmpty);
        foreach (var batch in wanted.Chunk(MaxEntriesPerCall))
        {
            foreach (
                var (index, bytes) in await ReadBatchAsync(session, manifestDigest, manifest, batch, cancellationToken))
            {
                var entry = manifest.Entries[index];
                recipes[index] = Recipe.Parse(
                    bytes.GetBuffer().AsSpan(0, (int)bytes.Length), entry.Recipe.ToDigest(), entry.Size, cut);
            }
        }

        return recipes;
    }

    private static async Task<Dictionary<int, MemoryStream>> ReadBatchAsync(Session session, ByteString manifestDigest,
        Manifest manifest, int[] indexes, CancellationToken cancellationToken)
    {
        var cut = manifest.Cut.ToChunking();
        var parts = indexes.ToDictionary(index => index, _ => new MemoryStream());
        using var call = session.Releases.FetchRecipes(
            new FetchRecipesRequest
            {
                ManifestDigest = manifestDigest,
                Entries = { indexes.Select(index => (uint)index) }
            },
            cancellationToken: cancellationToken);
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            foreach (var piece in call.ResponseStream.Current.Pieces)
            {
                if (!parts.TryGetValue((int)piece.Entry, out var part))
                    throw new ChunkOtaException(
                        ErrorCodes.EntryInvalid, "the server sent a recipe that was not asked for");
                piece.Data.WriteTo(part);
                if (part.Length > Recipe.MaxBytes(manifest.Entries[(int)piece.Entry].Size, cut))
                    throw new ChunkOtaException(
                        ErrorCodes.TooLarge, "the server sends more than a recipe of this file can be");
            }
        }

        return parts;
    }
}
