using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Goes back to a release that its publisher vouches for, when none on this disk is good.</summary>
/// <param name="product">The product.</param>
/// <param name="servers">Opens connections.</param>
/// <param name="install">Installs a version, even if it is older than what was accepted, and makes it current.</param>
/// <param name="clock">Dates the record.</param>
internal sealed class AnchorRecovery(
    LocalProduct product, EnrolledServer servers, Func<string, CancellationToken, Task> install, TimeProvider clock)
{
    /// <summary>Tries the server's anchors, the newest first.</summary>
    /// <param name="name">The product's name.</param>
    /// <param name="attempt">The outcome on this disk.</param>
    /// <param name="agrees">Is asked before a release is installed: its version and the reason.</param>
    /// <exception cref="ChunkOtaException"><c>NOTHING_TO_REVERT</c>: none can be used, and nothing has
    /// changed.</exception>
    public async Task<RecoverResult> RunAsync(
        string name,
        RecoveryAttempt attempt,
        Func<string, string, bool> agrees,
        CancellationToken cancellationToken)
    {
        var passed = attempt.PassedOver.ToList();
        var state = product.States.Get(name);
        foreach (var version in await FindAnchorsAsync(state, passed, cancellationToken).ConfigureAwait(false))
        {
            if (passed.Any(release => release.Version == version && release.Reason == Recovery.Declined))
                continue;
            if (!agrees(version, attempt.Fault))
            {
                passed.Add(new PassedOver(version, Recovery.Declined));
                continue;
            }
            try
            {
                await install(version, cancellationToken).ConfigureAwait(false);
                if (Reject(name, state, cancellationToken) == version)
                    return new RecoverResult(name, version, attempt.FromVersion, passed);
                passed.Add(new PassedOver(version, "another release is on trial"));
            }
            catch (ChunkOtaException e)
            {
                passed.Add(new PassedOver(version, OneLine.Of(e.Message)));
            }
        }
        throw new ChunkOtaException(
            ErrorCodes.NothingToRevert,
            $"{name} has no release to go back to: "
            + string.Join("; ", passed.Select(release => $"{release.Version}: {release.Reason}")))
        {
            Hint = $"ota-agent repair {name}",
        };
    }

    /// <summary>Rejects the release that was left: it does not come back by itself.</summary>
    /// <returns>The version that is current.</returns>
    private string? Reject(string name, ProductState before, CancellationToken cancellationToken)
    {
        using var held = product.LockForPerson(cancellationToken);
        var state = product.States.Get(name);
        if (before.CurrentRelease is { } left && left.ManifestDigest != state.Current)
        {
            product.States.Save(state.WithRejected(new RejectedRelease(
                left.Version, left.ManifestDigest, clock.GetUtcNow().ToUnixTimeSeconds(), null)));
        }
        return state.CurrentRelease?.Version;
    }

    /// <summary>Asks for the anchors; a server that cannot be asked has none.</summary>
    private async Task<IReadOnlyList<string>> FindAnchorsAsync(
        ProductState state, List<PassedOver> passed, CancellationToken cancellationToken)
    {
        try
        {
            using var session = servers.Open(state);
            var answer = await session.Updates.CheckAsync(
                UpdateQuestion.Of(state) with { ListsAnchors = true }, cancellationToken).ConfigureAwait(false);
            var anchors = answer.Offer.Anchors;
            await answer.DisposeAsync().ConfigureAwait(false);
            return anchors;
        }
        catch (ChunkOtaException e)
        {
            passed.Add(new PassedOver("anchors", OneLine.Of(e.Message)));
            return [];
        }
    }
}
