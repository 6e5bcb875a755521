using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A product that is being registered.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Cut">The cut parameters of its files, which never change; null for the default, or for those of the
/// product that exists already.</param>
/// <param name="FirstRoot">Its first trust root, verified.</param>
public sealed record NewProduct(string Name, CutParameters? Cut, RootRecord FirstRoot);

/// <summary>A trust root of a product.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Digest">The digest of its payload.</param>
/// <param name="Expires">The end of its validity.</param>
/// <param name="Envelope">The serialised envelope, verbatim.</param>
public sealed record RootRecord(ulong Version, Digest Digest, DateTimeOffset Expires, ReadOnlyMemory<byte> Envelope);

/// <summary>A registered product.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Cut">The cut parameters of its files.</param>
/// <param name="FirstRoot">The digest of the trust root that agents pin.</param>
/// <param name="Root">Its newest trust root.</param>
/// <param name="Releases">The number of its releases.</param>
public sealed record ProductRecord(string Name, CutParameters Cut, Digest FirstRoot, RootRecord Root, long Releases);

/// <summary>The rights of a token; the numbers are stored.</summary>
public enum AccessRole
{
    /// <summary>Enrol devices for one product and channel.</summary>
    Install = 1,

    /// <summary>Read releases and figures.</summary>
    Reader = 2,

    /// <summary>Publish releases of one product.</summary>
    Publisher = 3,

    /// <summary>Everything.</summary>
    Admin = 4,
}

/// <summary>A token as the catalogue stores it: without its secret.</summary>
public sealed record TokenRecord
{
    /// <summary>The public half, as text: at most 64 characters.</summary>
    public required string Id { get; init; }

    /// <summary>The digest of the secret: enough to check a secret, useless to a reader of the catalogue.</summary>
    public required Digest SecretDigest { get; init; }

    /// <summary>Its rights.</summary>
    public required AccessRole Role { get; init; }

    /// <summary>The product it is for; null for all.</summary>
    public string? Product { get; init; }

    /// <summary>Install tokens: the channel that devices follow.</summary>
    public string? Channel { get; init; }

    /// <summary>The time it was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The time it expires; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Install tokens: the number of devices it can enrol; 0 for any number.</summary>
    public int Uses { get; init; }

    /// <summary>The number of devices it has enrolled.</summary>
    public int Used { get; init; }

    /// <summary>It was revoked.</summary>
    public bool IsRevoked { get; init; }

    /// <summary>A note for people.</summary>
    public string Label { get; init; } = "";
}
