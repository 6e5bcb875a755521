using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The ability of a device to take updates, as far as its own disk and clock tell.</summary>
internal sealed record TrustHealth
{
    /// <summary>The expiry of the newest channel pointer; null before the first.</summary>
    public DateTimeOffset? PointerExpires { get; private init; }

    /// <summary>The expiry of the newest trust root; null before the first.</summary>
    public DateTimeOffset? RootExpires { get; private init; }

    /// <summary>The document that has expired, and the clock that may be the cause; null when none has.</summary>
    public string? Problem { get; private init; }

    /// <summary>The documents that are due, and clocks that seem wrong.</summary>
    public IReadOnlyList<string> Warnings { get; private init; } = [];

    /// <summary>Reads the trust state of a product.</summary>
    /// <param name="state">The record of what is installed.</param>
    /// <param name="trust">The trust state; null before the first check.</param>
    /// <param name="pointer">The newest channel pointer that was accepted; null before the first.</param>
    /// <param name="clock">The device's clock.</param>
    /// <param name="buildTime">When this agent was built.</param>
    public static TrustHealth Of(
        ProductState state, TrustRecord? trust, ChannelPointer? pointer, TimeProvider clock, DateTimeOffset buildTime)
    {
        var time = new DeviceTime(
            clock.GetUtcNow(), DateTimeOffset.FromUnixTimeSeconds(trust?.TimeFloorUnixSeconds ?? 0), buildTime);
        var root = trust?.Root is { } bytes ? VerifiedRoot.SelfSigned(Envelope.Parser.ParseFrom(bytes)) : null;
        var health = new TrustHealth
        {
            PointerExpires = TimeOf(pointer?.ExpiresUnixSeconds),
            RootExpires = root?.Expires,
        };
        var fault = time.FindClockFault();
        var expired = health.RootExpires <= time.Now
            ? "the trust root has expired: its publisher must sign a new one"
            : health.PointerExpires <= time.Now
                ? "the channel pointer has expired: its publisher must renew it"
                : null;
        if (expired is not null)
            return health with { Problem = fault is null ? expired : $"{expired}; {fault}" };
        var due = WarningsOf(state, root, pointer, time.Now);
        return health with { Warnings = fault is null ? [.. due] : [.. due, fault] };
    }

    private static IEnumerable<string> WarningsOf(
        ProductState state, VerifiedRoot? root, ChannelPointer? pointer, DateTimeOffset now)
    {
        if (root is not null
            && RenewalRules.FindRootWarning(state.Product, root.Version, root.Expires, now) is { } aboutRoot)
        {
            yield return aboutRoot;
        }
        if (pointer is not null
            && RenewalRules.FindPointerWarning(
                $"{state.Product} {pointer.Platform} {state.Channel}",
                DateTimeOffset.FromUnixTimeSeconds(pointer.IssuedUnixSeconds),
                DateTimeOffset.FromUnixTimeSeconds(pointer.ExpiresUnixSeconds), now) is { } aboutPointer)
        {
            yield return aboutPointer;
        }
    }

    private static DateTimeOffset? TimeOf(long? unixSeconds) =>
        unixSeconds is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
