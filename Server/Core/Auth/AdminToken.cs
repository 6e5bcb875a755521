using System.Text;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>The admin token in the data folder: anyone who can read the folder can administer the server.</summary>
public static class AdminToken
{
    /// <summary>Its name in the data folder.</summary>
    public const string FileName = "admin.token";

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
        if (!data.HasFile(FileName)) await MakeAsync(data, identities, "made at the first start", clock);
    }

    /// <summary>Makes another token and writes it to the file; the ones before stay valid.</summary>
    /// <param name="data">Gets the file.</param>
    /// <param name="identities">Gets the token.</param>
    /// <param name="clock">Dates the token.</param>
    /// <returns>The token's id.</returns>
    public static Task<string> AddAsync(DataFolder data, IIdentityCatalogue identities, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(identities);
        ArgumentNullException.ThrowIfNull(clock);
        return MakeAsync(data, identities, "made by ota-server token", clock);
    }

    private static async Task<string> MakeAsync(
        DataFolder data, IIdentityCatalogue identities, string label, TimeProvider clock)
    {
        var token = AccessToken.Generate();
        await identities.AddTokenAsync(new TokenRecord
        {
            Id = token.IdText,
            SecretDigest = Digest.Of(token.Secret.Span),
            Role = AccessRole.Admin,
            Created = clock.GetUtcNow(),
            Label = label,
        });
        data.WriteFile(FileName, Encoding.ASCII.GetBytes(token + "\n"));
        return token.IdText;
    }
}
