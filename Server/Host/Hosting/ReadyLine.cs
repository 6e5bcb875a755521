using System.Text.Json.Serialization;

namespace ChunkOta.Server;

/// <summary>The one line that the server prints to stdout, when all its ports are
/// open: where it can be reached.</summary>
/// <param name="Data">The data folder, in full.</param>
/// <param name="TlsSpkiSha256">What agents pin, hex; null when TLS is off.</param>
internal sealed record ReadyLine(
    bool Ready,
    string? Grpc,
    string? Http,
    string? Tls,
    string Data,
    string? TlsSpkiSha256,
    string Version);

/// <summary>How this assembly's values are written as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReadyLine))]
[JsonSerializable(typeof(VersionAnswer))]
internal sealed partial class ServerJson : JsonSerializerContext;

/// <summary>What <c>GET /version</c> answers.</summary>
internal sealed record VersionAnswer(string Version, string CatalogueEngine, string Runtime);
