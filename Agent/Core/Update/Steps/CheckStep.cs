using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Checks which release is wanted, and saves the trust state that follows from the answer.</summary>
/// <param name="product">The product; its lock is held.</param>
/// <param name="trustStore">The trust state on disk.</param>
/// <param name="service">The server.</param>
/// <param name="clock">The clock.</param>
internal sealed class CheckStep(
    LocalProduct product, TrustStore trustStore, IUpdateService service, TimeProvider clock)
{
    /// <summary>Asks the server, and verifies the answer.</summary>
    /// <param name="goal">The goal of the run.</param>
    /// <param name="state">The record of what is installed; null when nothing is.</param>
    /// <param name="trust">The trust state of the product.</param>
    /// <returns>The release to install.</returns>
    public async Task<AcceptedUpdate> RunAsync(
        RunGoal goal, ProductState? state, TrustRecord trust, CancellationToken cancellationToken)
    {
        var time = new DeviceTime(
            clock.GetUtcNow(), DateTimeOffset.FromUnixTimeSeconds(trust.TimeFloorUnixSeconds), goal.BuildTime);
        var check = new UpdateCheck(service, product.Manifests, trust, state?.CurrentRelease, time);
        var question = new UpdateQuestion
        {
            Product = goal.Product,
            Platform = goal.Platform,
            Channel = goal.Channel,
            Version = goal.Version,
            AllowsOlder = goal.AllowsOlder,
            Held = FindHeld(state),
        };
        var accepted = await check.RunAsync(question, cancellationToken).ConfigureAwait(false);
        if (!goal.IsDryRun)
        {
            await trustStore.UpdateAsync(goal.Server, goal.Product, _ => accepted.Trust, cancellationToken)
                .ConfigureAwait(false);
        }
        return accepted;
    }

    /// <summary>Finds the manifest that the server may build on: the installed one, which deltas build on, too;
    /// else that of an interrupted run.</summary>
    private Digest? FindHeld(ProductState? state)
    {
        if (state?.Current is { } current && product.Manifests.FindEnvelope(current) is not null)
            return current;
        foreach (var (name, _) in Fs.FindNames(product.Home.Staging) ?? [])
        {
            if (Digest.TryParse(name, null, out var staged) && product.Manifests.FindEnvelope(staged) is not null)
                return staged;
        }
        // Of a first run that was killed before it began to write, the manifest alone is here.
        if (state is { Releases.Count: > 0 })
            return null;
        foreach (var known in product.Manifests.List())
        {
            if (product.Manifests.FindEnvelope(known) is not null)
                return known;
        }
        return null;
    }
}
