using System.Text;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>The admin token of the data folder: whoever may read the folder may run the server.</summary>
internal static class AdminToken
{
    /// <summary>The file's name in the data folder.</summary>
    public const string FileName = "admin.token";

    /// <summary>Makes the token and its file (0600) where the file is missing.</summary>
    /// <remarks>
    /// The catalogue is told first: a crash between leaves a token that nobody has, never a file whose token is
    /// unknown.
    /// </remarks>
    public static async Task EnsureAsync(DataFolder data, IIdentityCatalogue identities, TimeProvider clock)
    {
        if (data.FindFile(FileName) is not null) return;

        var token = AccessToken.Generate();
        await identities.AddTokenAsync(new TokenRecord
        {
            Id = token.IdText,
            SecretDigest = Digest.Of(token.Secret.Span),
            Role = AccessRole.Admin,
            Created = clock.GetUtcNow(),
            Label = "made at the first start",
        });
        data.WriteFile(FileName, Encoding.ASCII.GetBytes(token + "\n"));
    }
}
