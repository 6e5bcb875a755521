using System.Globalization;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Asks the server of a product what an update would ask first, within a deadline.</summary>
/// <remarks>Nothing is written, and the answer is not used.</remarks>
/// <param name="servers">Opens connections.</param>
/// <param name="clock">Limits the wait.</param>
/// <param name="findings">Gets what is found.</param>
internal sealed class ServerCheck(EnrolledServer servers, TimeProvider clock, FindingList findings)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SoonExpired = TimeSpan.FromDays(14);

    /// <summary>Makes the check.</summary>
    /// <param name="state">The record of what is installed.</param>
    public async Task RunAsync(ProductState state, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Deadline, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await AskAsync(state, both.Token).ConfigureAwait(false);
        }
        catch (ChunkOtaException e)
        {
            findings.Fail("server", e.Code, $"{state.Server}: {e.Message}", e.Hint);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            findings.Fail(
                "server", ErrorCodes.TimedOut,
                $"{state.Server} did not answer within {Deadline.TotalSeconds:0} seconds",
                "check the network, the proxy (HTTPS_PROXY) and the server");
        }
    }

    private async Task AskAsync(ProductState state, CancellationToken cancellationToken)
    {
        // Without a key or a trust state the device is not enrolled, which is a finding of its own.
        using var session = servers.TryOpen(state);
        if (session is null)
            return;
        var started = clock.GetTimestamp();
        var answer = await session.Updates.CheckAsync(UpdateQuestion.Of(state), cancellationToken)
            .ConfigureAwait(false);
        var ahead = answer.Offer.ServerClockAhead;
        await answer.DisposeAsync().ConfigureAwait(false);
        var milliseconds = clock.GetElapsedTime(started).TotalMilliseconds;
        findings.Ok(
            "server", string.Create(CultureInfo.InvariantCulture, $"{state.Server} answers in {milliseconds:0} ms"));
        if (ahead != TimeSpan.Zero)
        {
            findings.Warn(
                "clock", $"the server's clock differs from this device's by {ClockRules.Text(ahead)}",
                "set the one that is wrong");
        }
        CheckCertificate(session.CertificateExpires);
    }

    private void CheckCertificate(DateTimeOffset? expires)
    {
        if (expires is not { } end)
            return;
        var text = string.Create(
            CultureInfo.InvariantCulture, $"the server's certificate is valid until {end.UtcDateTime:yyyy-MM-dd}");
        if (end - clock.GetUtcNow() < SoonExpired)
            findings.Warn("certificate", text, "the server's operator must renew it");
        else
            findings.Ok("certificate", text);
    }
}
