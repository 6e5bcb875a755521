namespace ChunkOta.Protos;

/// <summary>When trust roots and channel pointers are due to be renewed, and how people are told.</summary>
public static class RenewalRules
{
    /// <summary>The time before its expiry from which a trust root is due.</summary>
    public static readonly TimeSpan RootNotice = TimeSpan.FromDays(60);

    /// <summary>Tells whether a trust root is due.</summary>
    /// <param name="expires">Its expiry.</param>
    /// <param name="now">The time.</param>
    public static bool IsRootDue(DateTimeOffset expires, DateTimeOffset now) => expires - now <= RootNotice;

    /// <summary>Tells whether a channel pointer is due: half of its lifetime is over.</summary>
    /// <param name="issued">When it was issued.</param>
    /// <param name="expires">Its expiry.</param>
    /// <param name="now">The time.</param>
    public static bool IsPointerDue(DateTimeOffset issued, DateTimeOffset expires, DateTimeOffset now) =>
        expires - now <= (expires - issued) / 2;

    /// <summary>The warning about a trust root that is due or has expired; null for none.</summary>
    /// <param name="product">The product that has it.</param>
    /// <param name="version">Its version.</param>
    /// <param name="expires">Its expiry.</param>
    /// <param name="now">The time.</param>
    public static string? FindRootWarning(string product, ulong version, DateTimeOffset expires, DateTimeOffset now) =>
        IsRootDue(expires, now)
            ? $"trust root {version} of {product} {WhenOf(expires, now)}: sign a new one with ota-admin keys renew and "
                + "hand it to the server with ota-admin products root"
            : null;

    /// <summary>The warning about a channel pointer that is due or has expired; null for none.</summary>
    /// <param name="channel">The channel: <c>app linux-x64 stable</c>.</param>
    /// <param name="issued">When it was issued.</param>
    /// <param name="expires">Its expiry.</param>
    /// <param name="now">The time.</param>
    public static string? FindPointerWarning(
        string channel, DateTimeOffset issued, DateTimeOffset expires, DateTimeOffset now) =>
        IsPointerDue(issued, expires, now)
            ? $"the pointer of channel {channel} {WhenOf(expires, now)}: renew it with ota-admin channels renew"
            : null;

    private static string WhenOf(DateTimeOffset expires, DateTimeOffset now) => expires <= now
        ? $"expired {ClockRules.Text(now - expires)} ago, on {UnixTime.Text(expires)}, and devices install nothing new"
        : $"expires in {ClockRules.Text(expires - now)}, on {UnixTime.Text(expires)}";
}
