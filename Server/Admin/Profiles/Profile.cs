using System.Text.Json.Serialization;

namespace ChunkOta.Admin;

/// <summary>A server and how to talk to it, as <c>login</c> keeps it.</summary>
/// <param name="Server">The server's URL.</param>
/// <param name="Token">The access token.</param>
internal sealed record Profile(string Server, string Token)
{
    /// <summary>The certificates that are trusted, in PEM; null for the system's authorities.</summary>
    public string? Ca { get; init; }

    /// <summary>The file that <see cref="Ca"/> was copied from, for messages.</summary>
    public string? CaFile { get; init; }

    /// <summary>Cleartext to another machine is allowed.</summary>
    public bool IsPlaintextAllowed { get; init; }

    /// <summary>The server alone: a record would print its token.</summary>
    public override string ToString() => Server;
}

/// <summary>The JSON of profile files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = 16,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(Profile))]
internal sealed partial class ProfileJson : JsonSerializerContext;
