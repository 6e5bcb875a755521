using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>The source of a publisher's keys: a folder, and keys that were handed over without a file.</summary>
/// <param name="folder">The folder with the trust root, and with the keys that were not handed over.</param>
/// <param name="given">Keys from the environment or standard input, with where each comes from.</param>
/// <param name="passphrase">The passphrase of encrypted keys.</param>
internal sealed class KeySource(
    KeyFolder folder, IReadOnlyList<(KeyFile Key, string Origin)> given, KeyPassphrase passphrase)
{
    /// <summary>Keys of a folder alone.</summary>
    public static KeySource Of(string directory) => new(new KeyFolder(directory), [], KeyPassphrase.None);

    /// <summary>The folder.</summary>
    public KeyFolder Folder => folder;

    /// <summary>The passphrase of encrypted keys.</summary>
    public KeyPassphrase Passphrase => passphrase;

    /// <summary>Opens a key of a role.</summary>
    /// <param name="role">The role.</param>
    /// <param name="root">The trust root, which must list it.</param>
    /// <param name="product">The product to sign for; null for the root role.</param>
    /// <exception cref="ChunkOtaException"><c>KEY_EXPOSED</c>, <c>KEY_INVALID</c>, <c>KEY_LOCKED</c>.</exception>
    public SigningKey Open(string role, VerifiedRoot root, string? product)
    {
        if (root.Keys(role).Threshold is > 1 and var threshold)
        {
            throw new ChunkOtaException(ErrorCodes.KeyInvalid,
                $"'{folder.RootPath}' asks for the signatures of {threshold} {role} keys, and this program signs "
                + "with one: use a trust root with a threshold of 1");
        }
        var found = FindAll(role).ToList();
        foreach (var (key, origin) in found)
        {
            if (key.IsListedBy(root, product))
                return key.Open(origin, passphrase);
        }
        throw new ChunkOtaException(ErrorCodes.KeyInvalid, found is [var (_, unlisted), ..]
            ? $"{unlisted} is not a {role} key of '{folder.RootPath}'{(product is null ? "" : $" for {product}")}"
            : $"there is no {role} key at '{folder.KeyPath(role)}'");
    }

    /// <summary>Finds the key that <see cref="Open"/> would open; null when there is none.</summary>
    public KeyFile? Find(string role, VerifiedRoot root, string? product) =>
        FindAll(role).Select(found => found.Key).FirstOrDefault(key => key.IsListedBy(root, product));

    private IEnumerable<(KeyFile Key, string Origin)> FindAll(string role)
    {
        foreach (var (key, origin) in given)
        {
            if (key.Role == role)
                yield return (key, origin);
        }
        // The second exists only where a rotation was interrupted.
        foreach (var path in (string[])[folder.NewKeyPath(role), folder.KeyPath(role)])
        {
            if (KeyFile.Find(path) is { } key)
            {
                yield return key.Role == role
                    ? (key, $"'{path}'")
                    : throw new ChunkOtaException(
                        ErrorCodes.KeyInvalid, $"'{path}' is a {key.Role} key, not a {role} key");
            }
        }
    }
}
