using System.Text;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>The admin token in the data folder: anyone who can read the folder can administer the server.</summary>
public static class AdminToken
{
    private const string FileName = "admin.token";

    /// <summary>Makes the token and its file (0600) if the file is missing.</summary>
    /// <remarks>
    /// The catalogue is written first: a crash in between leaves a token that nobody has, never a file with an unknown
    /// token.
    /// </remarks>
    /// <param name="data">Gets the file.</param>
    /// <param name="identities">Gets the token.</param>
    /// <param name="clock">Dates the token.</param>
    public static async Task EnsureAsync(DataFolder data, IIdentityCatalogue identities, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(identities);
        ArgumentNullException.ThrowIfNull(clock);
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
