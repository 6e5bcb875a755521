using System.Text.Json;

namespace ChunkOta.Tests.Chunker.Hashing;

/// <summary>The official test vectors, and inputs made as they are.</summary>
internal static class Blake3Vectors
{
    internal static IReadOnlyList<(int Length, string Hash)> Cases { get; } = Load();

    /// <summary>The input of the official vectors: byte i is i mod 251.</summary>
    internal static byte[] Input(int length)
    {
        var input = new byte[length];
        for (var i = 0; i < length; i++)
            input[i] = (byte)(i % 251);
        return input;
    }

    private static List<(int Length, string Hash)> Load()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Vectors", "blake3.json");
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return
        [
            .. document.RootElement.GetProperty("cases").EnumerateArray()
                .Select(c => (c.GetProperty("input_len").GetInt32(), c.GetProperty("hash").GetString()!)),
        ];
    }
}
