using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A product to be registered.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Cut">How its files are cut, for ever; null for the default, or for what is there already.</param>
/// <param name="FirstRoot">Its first trust root, verified.</param>
public sealed record ProductDraft(string Name, CutParameters? Cut, RootRecord FirstRoot);

/// <summary>A trust root of a product.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Digest">The digest of its payload.</param>
/// <param name="Expires">Until when it holds.</param>
/// <param name="Envelope">The serialised envelope, verbatim.</param>
public sealed record RootRecord(ulong Version, Digest Digest, DateTimeOffset Expires, ReadOnlyMemory<byte> Envelope);

/// <summary>A registered product.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Cut">How its files are cut.</param>
/// <param name="FirstRoot">The digest of the trust root that agents pin.</param>
/// <param name="Root">Its newest trust root.</param>
/// <param name="Releases">How many releases it has.</param>
public sealed record ProductRecord(string Name, CutParameters Cut, Digest FirstRoot, RootRecord Root, long Releases);

/// <summary>What a token may do; the numbers are stored.</summary>
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

/// <summary>A token as the catalogue keeps it: never its secret.</summary>
public sealed record TokenRecord
{
    /// <summary>The public half, as text: at most 64 characters.</summary>
    public required string Id { get; init; }

    /// <summary>The digest of the secret: enough to check it, useless to whoever reads the catalogue.</summary>
    public required Digest SecretDigest { get; init; }

    /// <summary>What it may do.</summary>
    public required AccessRole Role { get; init; }

    /// <summary>The product it is for; null for all.</summary>
    public string? Product { get; init; }

    /// <summary>Install tokens: the channel that devices follow.</summary>
    public string? Channel { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it ends; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Install tokens: how many devices it enrols; 0 for any number.</summary>
    public int Uses { get; init; }

    /// <summary>How many it has enrolled.</summary>
    public int Used { get; init; }

    /// <summary>It was revoked.</summary>
    public bool IsRevoked { get; init; }

    /// <summary>For people.</summary>
    public string Label { get; init; } = "";
}

/// <summary>A device that asks to be enrolled, its proof checked.</summary>
/// <param name="TokenId">The install token, whose secret was checked.</param>
/// <param name="PublicKey">The device's Ed25519 key, 32 bytes.</param>
/// <param name="Platform">Its platform.</param>
/// <param name="AgentVersion">Its agent's version, for people.</param>
public sealed record Enrolment(string TokenId, ReadOnlyMemory<byte> PublicKey, string Platform, string AgentVersion);

/// <summary>An enrolled device.</summary>
/// <param name="Id">Its name, made by the catalogue: 32 lower-case hex digits.</param>
/// <param name="Product">The product it may read.</param>
/// <param name="Channel">The channel it follows.</param>
/// <param name="Platform">The platform it said it has.</param>
/// <param name="PublicKey">Its Ed25519 key, 32 bytes.</param>
/// <param name="TokenId">The token that enrolled it.</param>
/// <param name="Enrolled">When.</param>
public sealed record DeviceRecord(
    string Id,
    string Product,
    string Channel,
    string Platform,
    ReadOnlyMemory<byte> PublicKey,
    string TokenId,
    DateTimeOffset Enrolled);

/// <summary>What a device last said of itself.</summary>
public sealed record DeviceReport
{
    /// <summary>The device.</summary>
    public required string DeviceId { get; init; }

    /// <summary>When the server heard it.</summary>
    public required DateTimeOffset Received { get; init; }

    /// <summary>The product it speaks of.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel it follows.</summary>
    public required string Channel { get; init; }

    /// <summary>The manifest of what runs; null for nothing.</summary>
    public Digest? Running { get; init; }

    /// <summary>The version of what runs.</summary>
    public string RunningVersion { get; init; } = "";

    /// <summary>The number of the protocol's DeviceState.</summary>
    public required int State { get; init; }

    /// <summary>The manifest that the state is about; null when it is the running one.</summary>
    public Digest? Target { get; init; }

    /// <summary>On failure, the stable code.</summary>
    public string CauseCode { get; init; } = "";

    /// <summary>On failure, one line for people.</summary>
    public string CauseText { get; init; } = "";

    /// <summary>Bytes that the update sent.</summary>
    public ulong WireBytesUp { get; init; }

    /// <summary>Bytes that the update received.</summary>
    public ulong WireBytesDown { get; init; }

    /// <summary>The agent's version.</summary>
    public string AgentVersion { get; init; } = "";
}

/// <summary>A release that devices run.</summary>
/// <param name="Manifest">What they call it; it need not be known here.</param>
/// <param name="Devices">How many.</param>
public readonly record struct RunningRelease(Digest Manifest, long Devices);
