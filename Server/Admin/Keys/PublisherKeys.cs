using ChunkOta.Durable;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Admin;

/// <summary>
/// A publisher's folder of keys: the trust root and those of the role keys that the work at hand needs.
/// </summary>
internal sealed class PublisherKeys : IDisposable
{
    private const string RootFile = "root.json";
    private const int MaxRootBytes = 1024 * 1024;

    private PublisherKeys(VerifiedRoot root) => Root = root;

    /// <summary>The publisher's own trust root: what the server says is held against it.</summary>
    public VerifiedRoot Root { get; }

    /// <summary>Signs manifests; null where it was not asked for.</summary>
    public SigningKey? Release { get; private init; }

    /// <summary>Signs channel pointers; null where it was not asked for.</summary>
    public SigningKey? Channel { get; private init; }

    /// <summary>Opens the folder.</summary>
    /// <param name="directory">As <see cref="Create"/> made it; the keys that are not asked for need not be
    /// there.</param>
    /// <param name="product">The product to sign for.</param>
    /// <param name="needsRelease">Whether manifests are to be signed; pointers always are.</param>
    /// <param name="now">The root must not have expired by then.</param>
    /// <exception cref="ChunkOtaException">
    /// <c>KEY_EXPOSED</c>, <c>KEY_INVALID</c>, <c>ROOT_INVALID</c>, <c>ROOT_EXPIRED</c>.
    /// </exception>
    public static PublisherKeys Open(string directory, string product, bool needsRelease, DateTimeOffset now)
    {
        var root = ReadRoot(Path.Combine(directory, RootFile));
        root.CheckFresh(now);
        var release = needsRelease ? ReadFor(directory, root, RoleKeys.ReleaseRole, product) : null;
        try
        {
            return new PublisherKeys(root)
            {
                Release = release,
                Channel = ReadFor(directory, root, RoleKeys.ChannelRole, product),
            };
        }
        catch
        {
            release?.Dispose();
            throw;
        }
    }

    /// <summary>Reads a trust root from a file and verifies it by its own root keys.</summary>
    public static VerifiedRoot ReadRoot(string path)
    {
        var json = DurableFile.FindBytes(path, MaxRootBytes)
            ?? throw new ChunkOtaException(ErrorCodes.RootInvalid, $"there is no trust root at '{path}'");
        return VerifiedRoot.SelfSigned(SignedDocument.FromJson(json));
    }

    /// <summary>Makes root, release and channel keys and a first trust root that names them.</summary>
    /// <param name="directory">Made, mode 0700, where it is missing; nothing in it is ever overwritten.</param>
    /// <param name="expires">When the root ends.</param>
    /// <exception cref="ChunkOtaException"><c>USAGE</c>: a key or root is there already.</exception>
    public static VerifiedRoot Create(string directory, DateTimeOffset expires)
    {
        string[] roles = [RoleKeys.RootRole, RoleKeys.ReleaseRole, RoleKeys.ChannelRole];
        var taken = roles.Select(role => KeyFile.PathOf(directory, role)).Append(Path.Combine(directory, RootFile))
            .FirstOrDefault(path => Fs.FindFacts(path) is not null);
        if (taken is not null)
            throw new ChunkOtaException(ErrorCodes.Usage, $"'{taken}' is there already: choose another folder");

        var keys = roles.ToDictionary(role => role, _ => SigningKey.Generate());
        try
        {
            Fs.MakeDirectories(directory);
            foreach (var (role, key) in keys)
                KeyFile.Write(directory, role, key);
            var envelope = SignedDocument.Sign(
                PayloadTypes.Root, FirstRoot(keys, expires).ToByteArray(), keys[RoleKeys.RootRole]);
            var root = VerifiedRoot.SelfSigned(envelope);
            AtomicFile.Replace(
                Path.Combine(directory, RootFile), System.Text.Encoding.UTF8.GetBytes(SignedDocument.ToJson(envelope)),
                Permissions.Ordinary);
            return root;
        }
        finally
        {
            foreach (var key in keys.Values)
                key.Dispose();
        }
    }

    public void Dispose()
    {
        Release?.Dispose();
        Channel?.Dispose();
    }

    private static TrustRoot FirstRoot(Dictionary<string, SigningKey> keys, DateTimeOffset expires) => new()
    {
        Version = 1,
        ExpiresUnixSeconds = expires.ToUnixTimeSeconds(),
        Roles =
        {
            keys.Select(pair => new TrustRole
            {
                Name = pair.Key,
                Threshold = 1,
                Keys = { new TrustKey { Key = ByteString.CopyFrom(pair.Value.PublicKey.Span) } },
            }),
        },
    };

    private static SigningKey ReadFor(string directory, VerifiedRoot root, string role, string product)
    {
        var key = KeyFile.Read(directory, role);
        if (root.Keys(role).Contains(key.PublicKey.Span, product))
            return key;
        key.Dispose();
        throw new ChunkOtaException(ErrorCodes.KeyInvalid,
            $"'{KeyFile.PathOf(directory, role)}' is no {role} key of '{Path.Combine(directory, RootFile)}' for "
            + $"{product}");
    }
}
