using System.Text.Json;
using System.Text.Json.Serialization;
using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>The content of one slot.</summary>
/// <param name="Version">The version of the release.</param>
/// <param name="ManifestDigest">The digest of its manifest.</param>
/// <param name="ImageBytes">The length of its image.</param>
/// <param name="IsComplete">The image was read back as it was signed; else it is being written.</param>
internal sealed record SlotContent(string Version, Digest ManifestDigest, long ImageBytes, bool IsComplete);

/// <summary>The agent's record of both slots.</summary>
internal sealed record SlotDocument
{
    /// <summary>The content of slot A; null when the agent has not written it.</summary>
    public SlotContent? A { get; init; }

    /// <summary>The content of slot B; null when the agent has not written it.</summary>
    public SlotContent? B { get; init; }

    /// <summary>The start of the machine in which the agent last chose the slot to start.</summary>
    public string? ChosenIn { get; init; }

    /// <summary>The content of a slot.</summary>
    public SlotContent? this[SlotName slot] => slot == SlotName.A ? A : B;

    /// <summary>Returns the record with another content of one slot.</summary>
    public SlotDocument With(SlotName slot, SlotContent? content) =>
        slot == SlotName.A ? this with { A = content } : this with { B = content };

    /// <summary>Finds the slot that holds a release completely.</summary>
    public SlotName? Find(Digest manifest) =>
        Holds(A, manifest) ? SlotName.A : Holds(B, manifest) ? SlotName.B : null;

    private static bool Holds(SlotContent? content, Digest manifest) =>
        content is { IsComplete: true } && content.ManifestDigest == manifest;
}

/// <summary>The record of both slots on disk, in two generations.</summary>
/// <param name="home">The product's folder.</param>
internal sealed class SlotStore(ProductHome home)
{
    /// <summary>Reads the record; an empty one where nothing was ever written, or where it is damaged: what the slots
    /// hold shows when they are read.</summary>
    public SlotDocument Load()
    {
        try
        {
            return home.SlotsFile.Find() is { } payload
                ? JsonSerializer.Deserialize(payload, SlotJson.Default.SlotDocument) ?? new SlotDocument()
                : new SlotDocument();
        }
        catch (Exception e) when (e is JsonException or (ChunkOtaException and not FileSystemException))
        {
            return new SlotDocument();
        }
    }

    /// <summary>Writes the record; when it returns, the record survives a power cut.</summary>
    public void Save(SlotDocument document) =>
        home.SlotsFile.Write(JsonSerializer.SerializeToUtf8Bytes(document, SlotJson.Default.SlotDocument));
}

/// <summary>The JSON of the record.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(DigestJson)],
    MaxDepth = 8)]
[JsonSerializable(typeof(SlotDocument))]
internal sealed partial class SlotJson : JsonSerializerContext;
