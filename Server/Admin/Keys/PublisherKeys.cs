using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>A publisher's trust root and the role keys that the work at hand needs.</summary>
internal sealed class PublisherKeys : IDisposable
{
    private PublisherKeys(IReadOnlyList<VerifiedRoot> chain, string rootPath) => (Chain, RootPath) = (chain, rootPath);

    /// <summary>The publisher's own trust root: what the server says is held against it.</summary>
    public VerifiedRoot Root => Chain[^1];

    /// <summary>The root and its predecessors, the oldest first.</summary>
    public IReadOnlyList<VerifiedRoot> Chain { get; }

    /// <summary>The file of the root, for messages.</summary>
    public string RootPath { get; }

    /// <summary>Signs manifests; null where it was not asked for.</summary>
    public SigningKey? Release { get; private init; }

    /// <summary>Signs channel pointers; null where it was not asked for.</summary>
    public SigningKey? Channel { get; private init; }

    /// <summary>Opens the keys.</summary>
    /// <param name="source">Where they are; those that are not asked for need not be there.</param>
    /// <param name="product">The product to sign for.</param>
    /// <param name="needsRelease">Whether manifests are to be signed; pointers always are.</param>
    /// <param name="now">The root must not have expired by then.</param>
    /// <exception cref="ChunkOtaException">
    /// <c>KEY_EXPOSED</c>, <c>KEY_INVALID</c>, <c>KEY_LOCKED</c>, <c>ROOT_INVALID</c>, <c>ROOT_EXPIRED</c>.
    /// </exception>
    public static PublisherKeys Open(KeySource source, string product, bool needsRelease, DateTimeOffset now)
    {
        var chain = KeyFolder.ReadChain(source.Folder.RootPath);
        var root = chain[^1];
        root.CheckFresh(now);
        var release = needsRelease ? source.Open(RoleKeys.ReleaseRole, root, product) : null;
        try
        {
            return new PublisherKeys(chain, source.Folder.RootPath)
            {
                Release = release,
                Channel = source.Open(RoleKeys.ChannelRole, root, product),
            };
        }
        catch
        {
            release?.Dispose();
            throw;
        }
    }

    /// <summary>Makes root, release and channel keys and a first trust root that names them.</summary>
    /// <param name="directory">Made, mode 0700, where it is missing; nothing in it is ever overwritten.</param>
    /// <param name="now">The time.</param>
    /// <param name="expires">When the root ends.</param>
    /// <param name="passphrase">The passphrase to encrypt the keys with; null for none.</param>
    /// <exception cref="ChunkOtaException"><c>USAGE</c>: a key or root is there already.</exception>
    public static VerifiedRoot Create(
        string directory, DateTimeOffset now, DateTimeOffset expires, string? passphrase = null)
    {
        string[] roles = [RoleKeys.RootRole, RoleKeys.ReleaseRole, RoleKeys.ChannelRole];
        var keys = roles.ToDictionary(role => role, _ => SigningKey.Generate());
        try
        {
            var root = RootSigning.First(keys, now, expires);
            new KeyFolder(directory).Create(
                [.. keys.Select(pair => KeyFile.Of(pair.Key, pair.Value, passphrase))], root);
            return root;
        }
        finally
        {
            foreach (var key in keys.Values)
                key.Dispose();
        }
    }

    /// <summary>Verifies a document by the newest root that vouches for it: numbers go on after a key was
    /// replaced.</summary>
    /// <param name="verify">Verifies it by one root.</param>
    /// <exception cref="SignatureRejectedException">No root of the chain vouches for it.</exception>
    public T Verify<T>(Func<VerifiedRoot, T> verify)
    {
        for (var index = Chain.Count - 1; index > 0; index--)
        {
            try
            {
                return verify(Chain[index]);
            }
            catch (SignatureRejectedException)
            {
                // Perhaps a key signed it that was replaced since: the root before knows it.
                continue;
            }
        }
        return verify(Chain[0]);
    }

    /// <summary>True if the newest root vouches for a document; devices go by that root alone.</summary>
    /// <param name="verify">Verifies it by one root.</param>
    public bool Vouches<T>(Func<VerifiedRoot, T> verify)
    {
        try
        {
            verify(Root);
            return true;
        }
        catch (SignatureRejectedException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        Release?.Dispose();
        Channel?.Dispose();
    }
}
