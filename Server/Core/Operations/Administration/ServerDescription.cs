namespace ChunkOta.Server.Core;

/// <summary>The public description of the server.</summary>
/// <param name="Version">The version of its build.</param>
/// <param name="CatalogueEngine">The catalogue's database engine and its version.</param>
/// <param name="ReadTlsSpki">Gives the SHA-256 of the TLS key in use, which agents pin; empty when TLS is off.</param>
public sealed record ServerDescription(string Version, string CatalogueEngine, Func<ReadOnlyMemory<byte>> ReadTlsSpki);
