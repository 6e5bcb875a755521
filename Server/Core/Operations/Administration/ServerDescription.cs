namespace ChunkOta.Server.Core;

/// <summary>The public description of the server.</summary>
/// <param name="Version">The version of its build.</param>
/// <param name="CatalogueEngine">The catalogue's database engine and its version.</param>
/// <param name="TlsSpkiSha256">SHA-256 of the TLS key, which agents pin; empty when TLS is off.</param>
public sealed record ServerDescription(string Version, string CatalogueEngine, ReadOnlyMemory<byte> TlsSpkiSha256);
