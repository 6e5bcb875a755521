using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChunkOta.Agent;

/// <summary>The kind of means by which a device verifies its server.</summary>
[JsonConverter(typeof(ServerTrustKindJson))]
public enum ServerTrustKind
{
    /// <summary>The certificate authorities of the system.</summary>
    System,

    /// <summary>One pinned TLS key, from an install token.</summary>
    Key,

    /// <summary>The authorities of a file that was given with <c>--ca</c>.</summary>
    Authorities,
}

/// <summary>The means by which a device verifies its server.</summary>
/// <param name="Kind"><c>system</c>, <c>key</c> or <c>authorities</c>.</param>
/// <param name="KeySha256">SHA-256 of the pinned key (SubjectPublicKeyInfo), hex; null for the other kinds.</param>
/// <param name="Authorities">Subject and last day of each given authority; empty for the other kinds.</param>
public sealed record ServerTrustSummary(ServerTrustKind Kind, string? KeySha256, IReadOnlyList<string> Authorities)
{
    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        ServerTrustKind.Key => $"TLS key sha256:{KeySha256}",
        ServerTrustKind.Authorities => string.Join("; ", Authorities),
        _ => "the authorities of this system",
    };
}

/// <summary>A <see cref="ServerTrustKind"/> by its word; only ever written.</summary>
internal sealed class ServerTrustKindJson : JsonConverter<ServerTrustKind>
{
    /// <inheritdoc/>
    public override ServerTrustKind Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ServerTrustKind value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value switch
        {
            ServerTrustKind.System => "system",
            ServerTrustKind.Key => "key",
            ServerTrustKind.Authorities => "authorities",
            _ => throw new ArgumentOutOfRangeException(nameof(value)),
        });
}
