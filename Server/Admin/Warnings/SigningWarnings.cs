using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>Warnings to a publisher that is about to sign.</summary>
internal static class SigningWarnings
{
    /// <summary>Asks the server for its time, and finds what is due.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="root">The publisher's root.</param>
    /// <param name="product">The product.</param>
    /// <param name="now">This machine's time.</param>
    /// <exception cref="ChunkOtaException"><c>ISSUED_AHEAD</c>.</exception>
    public static async Task<IReadOnlyList<string>> FindAsync(
        Session session, VerifiedRoot root, string product, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var answer = await session.Administration.GetServerAsync(
            new GetServerRequest(), cancellationToken: cancellationToken);
        return Find(root, product, DateTimeOffset.FromUnixTimeSeconds(answer.TimeUnixSeconds), now);
    }

    /// <summary>Finds what is due, and refuses to sign by a clock that is ahead of the server's.</summary>
    /// <param name="root">The publisher's root. A clock that is behind its signature is wrong for certain.</param>
    /// <param name="product">The product.</param>
    /// <param name="server">The server's time.</param>
    /// <param name="now">This machine's time.</param>
    /// <exception cref="ChunkOtaException"><c>ISSUED_AHEAD</c>.</exception>
    public static IReadOnlyList<string> Find(
        VerifiedRoot root, string product, DateTimeOffset server, DateTimeOffset now)
    {
        var clock = CheckClock(root, server, now);
        var due = RenewalRules.FindRootWarning(product, root.Version, root.Expires, now);
        return [.. new[] { clock, due }.OfType<string>()];
    }

    private static string? CheckClock(VerifiedRoot root, DateTimeOffset server, DateTimeOffset now)
    {
        if (ClockRules.IsAhead(now, server))
        {
            throw new ChunkOtaException(ErrorCodes.IssuedAhead, ClockRules.IsAhead(root.Issued, server)
                ? $"the server's clock is wrong: it is {ClockRules.Text(now - server)} behind this machine's, and "
                    + "earlier than the trust root: nothing was signed"
                : $"the clock of this machine is {ClockRules.Text(now - server)} ahead of the server's: nothing was "
                    + "signed: set the one that is wrong");
        }
        return ClockRules.IsAhead(server, now)
            ? $"the clock of this machine is {ClockRules.Text(server - now)} behind the server's: what it signs "
                + "expires that much earlier"
            : null;
    }
}
