namespace ChunkOta.Server;

/// <summary>The answer to <c>GET /version</c>.</summary>
/// <param name="Version">The version of the server.</param>
/// <param name="CatalogueEngine">The catalogue's database engine and its version.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="Source">Where the source code of this version is.</param>
internal sealed record VersionAnswer(string Version, string CatalogueEngine, string Runtime, string Source);
