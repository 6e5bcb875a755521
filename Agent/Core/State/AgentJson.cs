using System.Text.Json;
using System.Text.Json.Serialization;
using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>The JSON of the state on disk.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(DigestJson)],
    MaxDepth = 16)]
[JsonSerializable(typeof(ProductState))]
[JsonSerializable(typeof(TrustDocument))]
[JsonSerializable(typeof(LaunchRecord))]
internal sealed partial class AgentJson : JsonSerializerContext;

/// <summary>Digests as 64 lower-case hex digits.</summary>
internal sealed class DigestJson : JsonConverter<Digest>
{
    /// <inheritdoc/>
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Digest.TryParse(reader.GetString(), null, out var digest)
            ? digest
            : throw new JsonException("a digest is 64 lower-case hex digits");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
