namespace ChunkOta.Admin;

/// <summary>The answer of <c>keys init --json</c>.</summary>
/// <param name="Directory">The folder of the keys.</param>
/// <param name="RootDigest">The digest of the trust root, which devices pin.</param>
/// <param name="RootExpiresUnixSeconds">When the trust root ends.</param>
internal sealed record KeysReport(string Directory, string RootDigest, long RootExpiresUnixSeconds);

/// <summary>The answer of <c>keys renew --json</c> and <c>keys rotate --json</c>.</summary>
/// <param name="Root">The file of the new root.</param>
/// <param name="RootVersion">Its version.</param>
/// <param name="RootDigest">Its digest.</param>
/// <param name="RootExpiresUnixSeconds">Its expiry.</param>
internal sealed record NewRootReport(string Root, ulong RootVersion, string RootDigest, long RootExpiresUnixSeconds);

/// <summary>The answer of <c>keys passwd --json</c>.</summary>
/// <param name="Directory">The folder.</param>
/// <param name="Encrypted">The keys need a passphrase now.</param>
/// <param name="Keys">The keys that were written, replaced ones included: <c>channel</c>, <c>release</c>,
/// <c>release.1</c>, <c>root</c>.</param>
internal sealed record PasswdReport(string Directory, bool Encrypted, IReadOnlyList<string> Keys);

/// <summary>The answer of <c>products root --json</c>.</summary>
/// <param name="Product">The product.</param>
/// <param name="RootVersion">The version of its newest trust root.</param>
/// <param name="RootDigest">The digest of that root.</param>
/// <param name="RootExpiresUnixSeconds">Its expiry.</param>
/// <param name="Added">How many roots the server did not have.</param>
/// <param name="Warnings">What is to be signed again.</param>
internal sealed record ProductRootReport(
    string Product, ulong RootVersion, string RootDigest, long RootExpiresUnixSeconds, int Added,
    IReadOnlyList<string> Warnings);

/// <summary>The answer of <c>keys show --json</c>.</summary>
internal sealed record ShownKeys
{
    /// <summary>The folder of the keys.</summary>
    public required string Directory { get; init; }

    /// <summary>The version of the trust root.</summary>
    public required ulong RootVersion { get; init; }

    /// <summary>The digest of the trust root.</summary>
    public required string RootDigest { get; init; }

    /// <summary>The moment when the root was signed.</summary>
    public required long RootIssuedUnixSeconds { get; init; }

    /// <summary>The moment when the root ends.</summary>
    public required long RootExpiresUnixSeconds { get; init; }

    /// <summary>The oldest root of the folder.</summary>
    public required ulong FirstRootVersion { get; init; }

    /// <summary>Its digest, which devices pin if it is the product's first.</summary>
    public required string FirstRootDigest { get; init; }

    /// <summary>The keys that the root names.</summary>
    public required IReadOnlyList<ShownKey> Keys { get; init; }

    /// <summary>Documents that are due, and a clock that is wrong.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>A key that the trust root lists.</summary>
/// <param name="Role">Its role.</param>
/// <param name="Threshold">How many keys of the role must sign.</param>
/// <param name="Public">The public key in hex.</param>
/// <param name="IsHere">The folder has the secret key.</param>
/// <param name="IsEncrypted">It needs a passphrase.</param>
/// <param name="Products">The products that it may sign for; empty for all.</param>
internal sealed record ShownKey(
    string Role, int Threshold, string Public, bool IsHere, bool IsEncrypted, IReadOnlyList<string> Products);
