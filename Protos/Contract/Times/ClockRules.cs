namespace ChunkOta.Protos;

/// <summary>The rules about clocks: how far ahead of a clock a document may have been issued.</summary>
/// <remarks>A document of the future would raise the time floor of every device, and shut out all honest documents
/// until that time has come.</remarks>
public static class ClockRules
{
    /// <summary>The largest difference between the clocks of two honest machines.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(10);

    /// <summary>Tells whether a document was issued too far ahead of a clock.</summary>
    /// <param name="issued">When the document was issued, by its signer's clock.</param>
    /// <param name="now">The clock that judges it.</param>
    public static bool IsAhead(DateTimeOffset issued, DateTimeOffset now) => issued - now > Tolerance;

    /// <summary>Refuses a document that was issued too far ahead of a clock.</summary>
    /// <param name="document">The document, for the message: <c>the channel pointer of app stable</c>.</param>
    /// <param name="issued">When it was issued, by its signer's clock.</param>
    /// <param name="now">The clock that judges it.</param>
    /// <param name="owner">The machine that has this clock: <c>the server</c>.</param>
    /// <exception cref="ChunkOtaException">ISSUED_AHEAD.</exception>
    public static void CheckIssued(string document, DateTimeOffset issued, DateTimeOffset now, string owner)
    {
        if (IsAhead(issued, now))
        {
            throw new ChunkOtaException(
                ErrorCodes.IssuedAhead,
                $"{document} was signed {Text(issued - now)} ahead of the clock of {owner}: "
                + $"at {UnixTime.Text(issued)}, while it is {UnixTime.Text(now)} there: set the clock that is wrong");
        }
    }

    /// <summary>A span as people read it: <c>200 d 3 h</c>, <c>3 h 12 min</c>, <c>12 min</c> or <c>40 s</c>.</summary>
    /// <param name="span">Any span; its sign is dropped.</param>
    public static string Text(TimeSpan span)
    {
        var (hours, minutes) =
            ((long)Math.Round(span.Duration().TotalHours), (long)Math.Round(span.Duration().TotalMinutes));
        return hours >= 24 ? $"{hours / 24} d {hours % 24} h"
            : minutes >= 60 ? $"{minutes / 60} h {minutes % 60} min"
            : minutes >= 1 ? $"{minutes} min"
            : $"{(long)span.Duration().TotalSeconds} s";
    }
}
