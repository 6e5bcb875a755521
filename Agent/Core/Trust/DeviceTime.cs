using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The time as far as a device knows it: its clock, and two times that have come for certain.</summary>
/// <param name="Clock">The device's own clock.</param>
/// <param name="Floor">The latest signed time that the device has accepted.</param>
/// <param name="Built">When this agent was built.</param>
internal readonly record struct DeviceTime(DateTimeOffset Clock, DateTimeOffset Floor, DateTimeOffset Built)
{
    /// <summary>The time by which documents expire.</summary>
    public DateTimeOffset Now => Clock > Earliest ? Clock : Earliest;

    /// <summary>True when the clock is plainly wrong: it is behind a time that has certainly come.</summary>
    public bool IsClockBehind => ClockRules.IsAhead(Earliest, Clock);

    private DateTimeOffset Earliest => Floor > Built ? Floor : Built;

    /// <summary>Refuses a document that was issued ahead of the clock, unless the clock is plainly wrong.</summary>
    /// <param name="check">Checks the document against a clock and its owner.</param>
    /// <exception cref="ChunkOtaException">ISSUED_AHEAD.</exception>
    public void CheckIssued(Action<DateTimeOffset, string> check)
    {
        if (!IsClockBehind)
            check(Clock, "this device");
    }

    /// <summary>Tells which clock seems to be wrong; null when nothing says so.</summary>
    /// <param name="serverAhead">How far the server's clock is ahead of this device's; zero: about the same.</param>
    public string? FindClockFault(TimeSpan serverAhead = default)
    {
        if (ClockRules.IsAhead(Built, Clock))
        {
            return $"the clock of this device is wrong: it is {ClockRules.Text(Built - Clock)} behind the day that "
                + "this agent was built: set it";
        }
        if (serverAhead != TimeSpan.Zero)
        {
            return $"the clock of this device is {ClockRules.Text(serverAhead)} "
                + $"{(serverAhead > TimeSpan.Zero ? "behind" : "ahead of")} the server's: set the one that is wrong";
        }
        return IsClockBehind
            ? $"the clock of this device is {ClockRules.Text(Floor - Clock)} behind a document that it accepted: set "
                + "it; if it is right, the publisher's clock was ahead, and its next trust root puts that right"
            : null;
    }

    /// <summary>Returns the floor after a document was accepted. One that is ahead of all that the device knows does
    /// not raise it: it would shut out every document until that time has come.</summary>
    /// <param name="issued">When the document was issued.</param>
    public DateTimeOffset FloorAfter(DateTimeOffset issued) =>
        issued <= Floor || ClockRules.IsAhead(issued, Now) ? Floor : issued;

    /// <summary>Returns the floor under a new trust root: the root's date, be it later or earlier than the floor so
    /// far. Only a clock that is not plainly wrong can tell that the root was dated ahead; it then keeps the
    /// floor.</summary>
    /// <param name="issued">When the root was issued.</param>
    public DateTimeOffset FloorUnder(DateTimeOffset issued) =>
        !IsClockBehind && ClockRules.IsAhead(issued, Now) ? Floor : issued;
}
