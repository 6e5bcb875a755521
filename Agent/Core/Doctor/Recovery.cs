namespace ChunkOta.Agent;

/// <summary>The outcome of looking through the releases on this disk.</summary>
/// <param name="Found">What is current now, and was verified in full; null when none can be used.</param>
/// <param name="FromVersion">The version that was current.</param>
/// <param name="Fault">What is wrong with it.</param>
/// <param name="PassedOver">The releases that could not be used, or were declined.</param>
internal sealed record RecoveryAttempt(
    RecoverResult? Found, string FromVersion, string Fault, IReadOnlyList<PassedOver> PassedOver);

/// <summary>Goes back to a release that is known to be good when the current one is not.</summary>
/// <param name="product">The product.</param>
/// <param name="trustStore">The trust state on disk.</param>
internal sealed class Recovery(LocalProduct product, TrustStore trustStore)
{
    /// <summary>The reason of a release that nobody agreed to.</summary>
    public const string Declined = "declined";

    /// <summary>Verifies the current release in full; if it is damaged, walks back through the kept ones.</summary>
    /// <param name="name">The product's name.</param>
    /// <param name="agrees">Is asked before a release is made current: its version and the reason.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>, <c>BUSY</c>.</exception>
    public RecoveryAttempt Run(string name, Func<string, string, bool> agrees, CancellationToken cancellationToken)
    {
        product.States.Get(name);
        using var held = product.LockForPerson(cancellationToken);
        var state = product.Switch.Recover(product.States.Get(name));
        var installed = new InstalledProduct(product, trustStore);
        var current = state.CurrentRelease
            ?? throw new ChunkOtaException(ErrorCodes.NotInstalled, $"{name} is not installed");
        var passed = new List<PassedOver>();
        if (FindFault(installed, state, current, cancellationToken) is not { } fault)
        {
            var good = new RecoverResult(name, current.Version, current.Version, passed);
            return new RecoveryAttempt(good, current.Version, "", passed);
        }
        passed.Add(new PassedOver(current.Version, fault));
        foreach (var release in state.ReleasesByUse())
        {
            if (release.ManifestDigest == current.ManifestDigest)
                continue;
            if (FindFault(installed, state, release, cancellationToken) is { } unusable)
            {
                passed.Add(new PassedOver(release.Version, unusable));
            }
            else if (!agrees(release.Version, fault))
            {
                passed.Add(new PassedOver(release.Version, Declined));
            }
            else
            {
                product.Switch.GoBack(state, release, cause: null);
                var found = new RecoverResult(name, release.Version, current.Version, passed);
                return new RecoveryAttempt(found, current.Version, fault, passed);
            }
        }
        return new RecoveryAttempt(null, current.Version, fault, passed);
    }

    /// <summary>Finds out why a release cannot be used; null when it is known to be good.</summary>
    private string? FindFault(
        InstalledProduct installed, ProductState state, InstalledRelease release, CancellationToken cancellationToken)
    {
        try
        {
            if (state.Current == release.ManifestDigest && !product.Activation.IsCurrent(release))
                return "the link does not lead to it";
            installed.RequireAllowed(state, release);
            return installed.Check(release, cancellationToken).Damage is [var damage, ..]
                ? $"damaged: {damage.Path}: {damage.What}"
                : null;
        }
        catch (ChunkOtaException e)
        {
            return e.Message;
        }
    }
}
