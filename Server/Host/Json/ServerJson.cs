using System.Text.Json.Serialization;

namespace ChunkOta.Server;

/// <summary>Writes the server's records as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReadyLine))]
[JsonSerializable(typeof(VersionAnswer))]
internal sealed partial class ServerJson : JsonSerializerContext;
