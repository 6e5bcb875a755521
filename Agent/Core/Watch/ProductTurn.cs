using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>One turn of a product under <c>watch</c>: check, download and install, as far as the policy allows.
/// </summary>
/// <param name="agent">The engine.</param>
/// <param name="settings">The settings of this device.</param>
/// <param name="windows">The maintenance windows.</param>
/// <param name="conditions">The conditions of the machine.</param>
/// <param name="events">Told what happens.</param>
/// <param name="clock">The clock.</param>
internal sealed class ProductTurn(
    UpdateAgent agent,
    AgentSettings settings,
    LocalWindows windows,
    DeviceConditions conditions,
    IProgress<WatchEvent> events,
    TimeProvider clock)
{
    /// <summary>The least time between two looks at a release on trial.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    /// <summary>Runs the turn. Failures are reported, never thrown.</summary>
    /// <param name="product">The product.</param>
    /// <returns>The way in which it ended.</returns>
    public async Task<TurnEnd> RunAsync(string product, CancellationToken cancellationToken)
    {
        try
        {
            if (conditions.FindPause() is { } reason)
                return await PauseAsync(product, reason, cancellationToken).ConfigureAwait(false);
            var policy = settings.Products.GetValueOrDefault(product, ProductPolicy.None);
            var rules = new SwitchRules(policy.Mode, TimeSpan.FromHours(policy.DeadlineHours), windows);
            var request = new UpdateRequest
            {
                Product = product,
                StopBeforeSwitch = rules.StopAt(clock.GetUtcNow()),
            };
            var result = await agent.UpgradeAsync(request, null, cancellationToken).ConfigureAwait(false);
            Report(result, policy.Mode);
            return new TurnEnd(TurnEndKind.Done, PollAfter(result), NextLook(product, rules, result.State));
        }
        catch (ChunkOtaException e) when (e.Code == ErrorCodes.Busy)
        {
            return new TurnEnd(TurnEndKind.Busy);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var failure = e as ChunkOtaException
                ?? new ChunkOtaException(ErrorCodes.Internal, OneLine.Of($"{e.GetType().Name}: {e.Message}"), e);
            events.Report(new WatchEvent(product, failure.Message, failure));
            return new TurnEnd(TurnEndKind.Failed, NotBefore: (failure as RetryLaterException)?.RetryAfter);
        }
    }

    /// <summary>Does nothing that can wait. The trial of the current release cannot: it needs no network, and a release
    /// that does not work must not run until the machine is plugged in.</summary>
    private async Task<TurnEnd> PauseAsync(string product, string reason, CancellationToken cancellationToken)
    {
        events.Report(new WatchEvent(product, $"paused: {reason}"));
        await agent.SettleTrialAsync(product, cancellationToken).ConfigureAwait(false);
        return new TurnEnd(TurnEndKind.Paused, Within: agent.FindTrialTimeLeft(product) + Glance);
    }

    private TimeSpan? PollAfter(UpdateResult result) =>
        settings.Watch.PollSeconds > 0 ? TimeSpan.FromSeconds(settings.Watch.PollSeconds)
        : result.NextCheckSeconds > 0 ? TimeSpan.FromSeconds(result.NextCheckSeconds)
        : null;

    /// <summary>Finds the time to the next moment at which something is due, whatever the time between two checks:
    /// the end of a trial, or the switch to a staged release.</summary>
    private TimeSpan? NextLook(string product, SwitchRules rules, UpdateState outcome)
    {
        if (outcome == UpdateState.OnTrial)
            return agent.FindTrialTimeLeft(product) + Glance;
        if (outcome != UpdateState.Staged || agent.FindState(product)?.Staged is not { } staged)
            return null;
        var now = clock.GetUtcNow();
        return rules.FindSwitch(staged, now) - now;
    }

    private void Report(UpdateResult result, UpdateMode mode)
    {
        var text = result.State switch
        {
            UpdateState.Installed => $"installed {result.Version}",
            UpdateState.Repaired => $"repaired {result.Version}",
            UpdateState.OnTrial when result.NeedsRestart => $"{result.Version} starts when the machine is restarted",
            UpdateState.OnTrial => $"{result.Version} is on trial",
            UpdateState.Staged => mode is UpdateMode.Soft or UpdateMode.Deadline
                ? $"{result.Version} is downloaded and waits for consent (ota-agent consent {result.Product})"
                : $"{result.Version} is downloaded",
            UpdateState.Held => $"held at {result.FromVersion}: {result.Version} is not installed",
            UpdateState.Rejected => $"{result.Version} is not installed again",
            _ => $"{result.Version} is current",
        };
        events.Report(new WatchEvent(result.Product, text));
        foreach (var warning in result.Warnings)
            events.Report(new WatchEvent(result.Product, $"warning: {warning}"));
    }
}
