namespace ChunkOta.Protos;

/// <summary>Times of documents: seconds since 1970-01-01 UTC, up to the end of the year 9999.</summary>
internal static class UnixTime
{
    private const long Last = 253_402_300_799;

    public static bool IsValid(long seconds) => seconds is > 0 and <= Last;

    /// <summary>The time as people read it.</summary>
    /// <param name="time">Any time.</param>
    public static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture) + " UTC";
}
