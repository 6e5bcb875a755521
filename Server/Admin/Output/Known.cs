namespace ChunkOta.Admin;

/// <summary>Turns what the server leaves empty into what a report leaves out.</summary>
internal static class Known
{
    /// <summary>A moment; null for 0, which stands for none.</summary>
    public static long? OrNull(long unixSeconds) => unixSeconds == 0 ? null : unixSeconds;

    /// <summary>A text; null for none.</summary>
    public static string? OrNull(string text) => text.Length == 0 ? null : text;
}
