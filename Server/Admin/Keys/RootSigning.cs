using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Admin;

/// <summary>Writes and signs trust roots.</summary>
internal static class RootSigning
{
    /// <summary>The first root of a publisher: one key for each role.</summary>
    /// <param name="keys">The keys by role.</param>
    /// <param name="now">The time.</param>
    /// <param name="expires">When the root expires.</param>
    public static VerifiedRoot First(
        IReadOnlyDictionary<string, SigningKey> keys, DateTimeOffset now, DateTimeOffset expires)
    {
        var root = new TrustRoot
        {
            Version = 1,
            Roles =
            {
                keys.Select(pair => new TrustRole
                {
                    Name = pair.Key,
                    Threshold = 1,
                    Keys = { KeyOf(pair.Value) },
                }),
            },
        };
        Date(root, now, expires);
        return VerifiedRoot.SelfSigned(
            SignedDocument.Sign(PayloadTypes.Root, root.ToByteArray(), keys[RoleKeys.RootRole]));
    }

    /// <summary>The next root with the same keys.</summary>
    /// <param name="root">The newest root.</param>
    /// <param name="rootKey">A root key of it.</param>
    /// <param name="now">The time.</param>
    /// <param name="expires">When the next root expires.</param>
    /// <exception cref="ChunkOtaException"><c>THRESHOLD</c>: the root asks for more root keys.</exception>
    public static VerifiedRoot Renewed(
        VerifiedRoot root, SigningKey rootKey, DateTimeOffset now, DateTimeOffset expires) =>
        Sign(root, root.Value.Clone(), now, expires, rootKey);

    /// <summary>The next root with another list of servers of a product.</summary>
    /// <param name="root">The newest root.</param>
    /// <param name="rootKey">A root key of it.</param>
    /// <param name="list">The list; one without servers removes it.</param>
    /// <param name="time">The time, and when the next root expires.</param>
    /// <exception cref="ChunkOtaException"><c>THRESHOLD</c>: the root asks for more root keys.</exception>
    public static VerifiedRoot WithServers(
        VerifiedRoot root, SigningKey rootKey, ProductServers list, (DateTimeOffset Now, DateTimeOffset Expires) time)
    {
        var next = root.Value.Clone();
        if (next.Servers.FirstOrDefault(known => known.Product == list.Product) is { } known)
            next.Servers.Remove(known);
        if (list.Servers.Count > 0)
            next.Servers.Add(list);
        return Sign(root, next, time.Now, time.Expires, rootKey);
    }

    /// <summary>The next root with a new key of a role.</summary>
    /// <param name="root">The newest root.</param>
    /// <param name="rootKey">A root key of it.</param>
    /// <param name="rotation">What changes.</param>
    /// <param name="time">The time, and when the next root expires.</param>
    /// <exception cref="ChunkOtaException"><c>THRESHOLD</c>: the root asks for more root keys. <c>ROOT_INVALID</c>: the
    /// role has as many keys as it can.</exception>
    public static VerifiedRoot Rotated(
        VerifiedRoot root, SigningKey rootKey, KeyRotation rotation, (DateTimeOffset Now, DateTimeOffset Expires) time)
    {
        var next = root.Value.Clone();
        var keys = next.Roles.Single(role => role.Name == rotation.Role).Keys;
        var old = keys.Single(key => key.Key.Span.SequenceEqual(rotation.Old.Span));
        var added = KeyOf(rotation.Key);
        added.Products.Add(old.Products);
        if (rotation.IsRevoked)
            keys.Clear();
        else if (rotation.Role != RoleKeys.ReleaseRole)
            keys.Remove(old);
        keys.Add(added);
        return rotation.Role == RoleKeys.RootRole
            ? Sign(root, next, time.Now, time.Expires, rootKey, rotation.Key)
            : Sign(root, next, time.Now, time.Expires, rootKey);
    }

    private static VerifiedRoot Sign(
        VerifiedRoot root, TrustRoot next, DateTimeOffset now, DateTimeOffset expires,
        params ReadOnlySpan<SigningKey> signers)
    {
        next.Version = checked(root.Version + 1);
        Date(next, now, expires);
        return VerifiedRoot.Next(SignedDocument.Sign(PayloadTypes.Root, next.ToByteArray(), signers), root);
    }

    private static void Date(TrustRoot root, DateTimeOffset now, DateTimeOffset expires)
    {
        root.IssuedUnixSeconds = now.ToUnixTimeSeconds();
        root.ExpiresUnixSeconds = expires.ToUnixTimeSeconds();
    }

    private static TrustKey KeyOf(SigningKey key) => new() { Key = ByteString.CopyFrom(key.PublicKey.Span) };
}

/// <summary>A change of a role's key.</summary>
/// <param name="Role">The role.</param>
/// <param name="Old">The public key that is replaced. A release key stays in the root, so that what it signed stays
/// valid.</param>
/// <param name="Key">The new key.</param>
/// <param name="IsRevoked">All former keys of the role leave the root, whatever the role.</param>
internal sealed record KeyRotation(string Role, ReadOnlyMemory<byte> Old, SigningKey Key, bool IsRevoked);
