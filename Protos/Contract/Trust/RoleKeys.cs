namespace ChunkOta.Protos;

/// <summary>The keys of one role of a trust root, and how many of them must sign.</summary>
public sealed class RoleKeys
{
    /// <summary>The role whose keys sign the next trust root.</summary>
    public const string RootRole = "root";

    /// <summary>The role whose keys sign manifests.</summary>
    public const string ReleaseRole = "release";

    /// <summary>The role whose keys sign channel pointers.</summary>
    public const string ChannelRole = "channel";

    /// <summary>The most keys that a role may have.</summary>
    public const int MaxKeys = 16;

    private readonly IReadOnlyList<TrustKey> _keys;

    /// <summary>Takes a role that keeps the rules of a trust root.</summary>
    /// <param name="role">One of the role names.</param>
    /// <param name="threshold">1 to the number of keys.</param>
    /// <param name="keys">Distinct keys of 32 bytes, 1 to 16 of them.</param>
    /// <exception cref="ChunkOtaException">ROOT_INVALID: the keys or the threshold are not so.</exception>
    public RoleKeys(string role, uint threshold, IReadOnlyList<TrustKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Count > MaxKeys)
            throw Invalid(role, $"it has more than {MaxKeys} keys");
        if (keys.Any(key => key.Key.Length != Ed25519.PublicKeyBytes))
            throw Invalid(role, $"a key is not {Ed25519.PublicKeyBytes} bytes");
        if (keys.Select(key => key.Key).Distinct().Count() != keys.Count)
            throw Invalid(role, "a key appears twice");
        if (threshold == 0 || threshold > (uint)keys.Count)
            throw Invalid(role, $"a threshold of {threshold} does not go with {keys.Count} key(s)");
        Role = role;
        Threshold = (int)threshold;
        _keys = keys;
    }

    /// <summary>The role's name.</summary>
    public string Role { get; }

    /// <summary>The number of distinct keys that must sign, at least 1.</summary>
    public int Threshold { get; }

    /// <summary>The public keys, 32 bytes each.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> PublicKeys => _keys.Select(key => key.Key.Memory);

    /// <summary>True when a key of the role may sign for some products only.</summary>
    public bool AreLimited => _keys.Any(key => key.Products.Count > 0);

    /// <summary>Tells whether a key belongs to the role.</summary>
    /// <param name="publicKey">32 bytes.</param>
    /// <param name="product">The product that it must be allowed to sign for; null to ask of the role alone.</param>
    public bool Contains(ReadOnlySpan<byte> publicKey, string? product = null)
    {
        foreach (var key in _keys)
            if (key.Key.Span.SequenceEqual(publicKey))
                return product is null || key.Products.Count == 0 || key.Products.Contains(product);
        return false;
    }

    private static ChunkOtaException Invalid(string role, string why) =>
        new(ErrorCodes.RootInvalid, $"the trust root breaks a rule: role {role}: {why}");
}
