namespace ChunkOta.Agent;

/// <summary>Tells the boot of this machine.</summary>
internal static class MachineBoot
{
    private const string IdPath = "/proc/sys/kernel/random/boot_id";

    /// <summary>Returns the present moment since the boot.</summary>
    /// <param name="clock">Its timestamps are seconds since the boot on Linux, whichever process asks.</param>
    public static BootTime Now(TimeProvider clock) =>
        new(Id, clock.GetTimestamp() / clock.TimestampFrequency);

    /// <summary>The id of this boot; empty where the system does not tell.</summary>
    public static string Id { get; } = ReadId();

    private static string ReadId()
    {
        try
        {
            return File.ReadAllText(IdPath).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
