using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;

namespace ChunkOta.Protos;

/// <summary>
/// DSSE's JSON form of an envelope: payload and signatures in base64, <c>keyid</c> the public key in hex.
/// </summary>
internal static class EnvelopeJson
{
    private const int MaxJsonBytes = 1 << 20;

    public static string Write(Envelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        var body = new EnvelopeBody(
            envelope.Payload.ToByteArray(),
            envelope.PayloadType,
            [.. envelope.Signatures.Select(signature => new SignatureBody(
                Convert.ToHexStringLower(signature.Key.Span), signature.Signature_.ToByteArray()))]);
        return JsonSerializer.Serialize(body, EnvelopeJsonContext.Indented.EnvelopeBody) + "\n";
    }

    public static Envelope Read(ReadOnlySpan<byte> json)
    {
        if (json.Length > MaxJsonBytes)
            throw Invalid($"{SizeText.Of(json.Length)} of JSON are above the limit of {SizeText.Of(MaxJsonBytes)}");
        try
        {
            var body = JsonSerializer.Deserialize(json, EnvelopeJsonContext.Indented.EnvelopeBody);
            if (body is not { Payload: { } payload, PayloadType: { } type, Signatures: { } signatures })
                throw Invalid("a field is missing: it has payload, payloadType and signatures");
            return new Envelope
            {
                PayloadType = type,
                Payload = ByteString.CopyFrom(payload),
                Signatures = { signatures.Select(ReadSignature) },
            };
        }
        catch (Exception failure) when (failure is JsonException or FormatException)
        {
            throw Invalid("the file is not JSON, or one of its fields has the wrong form");
        }
    }

    private static Signature ReadSignature(SignatureBody? body) => body is { KeyId: { } key, Sig: { } signature }
        ? new Signature
        {
            Key = ByteString.CopyFrom(Convert.FromHexString(key)),
            Signature_ = ByteString.CopyFrom(signature),
        }
        : throw Invalid("a field is missing: a signature has keyid and sig");

    private static SignatureRejectedException Invalid(string why) =>
        new(ErrorCodes.SigInvalid, $"this is not a signed document in JSON: {why}");
}

internal sealed record EnvelopeBody(
    [property: JsonPropertyName("payload")] byte[]? Payload,
    [property: JsonPropertyName("payloadType")] string? PayloadType,
    [property: JsonPropertyName("signatures")] IReadOnlyList<SignatureBody?>? Signatures);

internal sealed record SignatureBody(
    [property: JsonPropertyName("keyid")] string? KeyId,
    [property: JsonPropertyName("sig")] byte[]? Sig);

[JsonSerializable(typeof(EnvelopeBody))]
internal sealed partial class EnvelopeJsonContext : JsonSerializerContext
{
    public static EnvelopeJsonContext Indented { get; } = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        NewLine = "\n",
        MaxDepth = 8,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
