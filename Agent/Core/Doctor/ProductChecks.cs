namespace ChunkOta.Agent;

/// <summary>Examines what is installed of one product.</summary>
/// <param name="product">The product.</param>
/// <param name="name">Its name.</param>
/// <param name="findings">Gets what is found.</param>
/// <param name="fixes">True to put right what is safe to put right.</param>
internal sealed class ProductChecks(LocalProduct product, string name, FindingList findings, bool fixes)
{
    /// <summary>Makes the checks.</summary>
    /// <returns>The record; null when it cannot be read, or nothing is installed.</returns>
    public ProductState? Run(CancellationToken cancellationToken)
    {
        ProductState? state = null;
        findings.Try("record", () => state = product.States.Get(name));
        if (state is null)
            return null;
        findings.Try("switch", () => state = CheckSwitch(state, cancellationToken));
        findings.Try("release", () => CheckRelease(state, cancellationToken));
        findings.Try("staging", CheckStaging);
        if (state.HeldSinceUnixSeconds is not null)
            findings.Warn("hold", "upgrades leave it alone", $"run ota-agent unhold {name} to let it go");
        return state;
    }

    private ProductState CheckSwitch(ProductState state, CancellationToken cancellationToken)
    {
        if (state.Pending is not { } pending)
        {
            if (state.Trial is not null)
                findings.Ok("switch", $"{state.CurrentRelease?.Version} has yet to prove that it works");
            return state;
        }
        if (!fixes)
        {
            findings.Warn(
                "switch", $"the switch to {pending.To.Version} was interrupted", "run ota-agent doctor --fix");
            return state;
        }
        using var held = product.LockForPerson(cancellationToken);
        state = product.Switch.Recover(product.States.Get(name));
        findings.Fixed("switch", $"an interrupted switch was settled: {state.CurrentRelease?.Version} is current");
        return state;
    }

    private void CheckRelease(ProductState state, CancellationToken cancellationToken)
    {
        if (state.CurrentRelease is not { } current)
            return;
        if (!product.Activation.IsCurrent(current))
        {
            findings.Fail(
                "release", ErrorCodes.NotAsInstalled,
                product.Slots is null
                    ? $"{product.Home.CurrentLink} does not lead to {ProductHome.ReleasesName}/{current.Version}"
                    : $"the slot that is started next does not hold {current.Version}",
                $"run ota-agent upgrade {name}");
            return;
        }
        if (product.Manifests.FindContents(current.ManifestDigest) is not { } contents)
        {
            findings.Fail(
                "release", ErrorCodes.NotAsInstalled, $"the manifest of {current.Version} is lost or damaged",
                $"run ota-agent repair {name}");
            return;
        }
        var damage = product.Destination.CheckQuickly(current.Version, contents, cancellationToken).Damage;
        if (damage.Count > 0)
        {
            findings.Fail(
                "release", ErrorCodes.NotAsInstalled,
                $"{current.Version} is damaged, {damage.Count} in all: {damage[0].Path}: {damage[0].What}",
                $"run ota-agent repair {name}");
            return;
        }
        findings.Ok("release", $"{current.FullVersion} is as installed");
    }

    private void CheckStaging()
    {
        if (product.Destination.CountUnfinished() is > 0 and var trees)
        {
            findings.Warn(
                "staging", $"{trees} unfinished: the next run goes on with it", $"or run ota-agent prune {name}");
        }
    }
}
