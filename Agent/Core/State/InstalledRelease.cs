using System.Text.Json.Serialization;
using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>A release that is installed, complete under its own name.</summary>
/// <param name="Version">Its version, which is also the directory's name.</param>
/// <param name="ManifestDigest">The digest of its manifest.</param>
/// <param name="Counter">The manifest's counter: of two releases, the one with the lower counter is older.</param>
/// <param name="InstalledUnixSeconds">The moment of its installation by the device's clock, Unix seconds.</param>
/// <param name="Build">The build metadata of its version; null for none.</param>
public sealed record InstalledRelease(
    string Version, Digest ManifestDigest, ulong Counter, long InstalledUnixSeconds, string? Build = null)
{
    /// <summary>The version with its build metadata, for people.</summary>
    [JsonIgnore]
    public string FullVersion => ReleaseVersion.Describe(Version, Build);
}

/// <summary>A release that stays on the disk although it is not needed any more.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Cause">Why, such as a process that uses it, in a few words.</param>
public sealed record KeptRelease(string Version, string Cause);
