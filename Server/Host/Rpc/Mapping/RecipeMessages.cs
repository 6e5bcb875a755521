using System.Runtime.CompilerServices;
using ChunkOta.Protos.V1;
using ChunkOta.Server.Core;
using Google.Protobuf;

namespace ChunkOta.Server;

/// <summary>Recipes as messages.</summary>
internal static class RecipeMessages
{
    private const int MaxMessageBytes = 64 * 1024;

    /// <summary>The overhead of a piece: small pieces count for at least this.</summary>
    private const int PieceOverheadBytes = 64;

    /// <summary>Recipes in as few messages as fit.</summary>
    public static async IAsyncEnumerable<FetchRecipesResponse> ToMessages(
        this IAsyncEnumerable<FileRecipe> recipes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var response = new FetchRecipesResponse();
        var bytes = 0;
        await foreach (var (entry, recipe, offset) in recipes.WithCancellation(cancellationToken))
        {
            var at = offset;
            var rest = recipe.ToBytes().AsMemory(offset);
            while (!rest.IsEmpty)
            {
                var piece = rest[..Math.Min(rest.Length, MaxMessageBytes - bytes)];
                response.Pieces.Add(new RecipePiece
                {
                    Entry = entry,
                    Data = UnsafeByteOperations.UnsafeWrap(piece),
                    Offset = (ulong)at,
                });
                at += piece.Length;
                rest = rest[piece.Length..];
                bytes += piece.Length;
                if (bytes < MaxMessageBytes && response.Pieces.Count < MaxMessageBytes / PieceOverheadBytes) continue;
                yield return response;
                (response, bytes) = (new FetchRecipesResponse(), 0);
            }
        }

        if (response.Pieces.Count != 0) yield return response;
    }
}
