using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The operations on an installed product that need no server.</summary>
/// <param name="product">The product.</param>
/// <param name="trustStore">The trust state on disk.</param>
internal sealed class InstalledProduct(LocalProduct product, TrustStore trustStore)
{
    /// <summary>A closed directory may hold another one.</summary>
    private const int MaxRestorings = 8;

    /// <summary>Finds the trust state of the product; null before the first check.</summary>
    /// <param name="state">The record of what is installed.</param>
    public TrustRecord? FindTrust(ProductState state) => trustStore.Load().Find(state.Server, state.Product);

    /// <summary>Finds the newest channel pointer that was accepted; null for none.</summary>
    /// <param name="state">The record of what is installed.</param>
    public ChannelPointer? FindPointer(ProductState state) =>
        FindTrust(state)?.Find(state.Channel, state.Platform) is { } held
            ? ChannelPointer.Parser.ParseFrom(Envelope.Parser.ParseFrom(held.Pointer).Payload)
            : null;

    /// <summary>Tells whether the publisher has withdrawn the current release.</summary>
    /// <param name="state">The record of what is installed.</param>
    /// <param name="pointer">The newest channel pointer; null for none.</param>
    public static bool IsWithdrawn(ProductState state, ChannelPointer? pointer) =>
        state.Current is { } current && pointer?.Revoked.Contains(current.ToByteString()) == true;

    /// <summary>Tells whether the publisher has withdrawn the current release, as far as this device can tell
    /// now.</summary>
    public bool IsCurrentWithdrawn()
    {
        try
        {
            return product.States.Find() is { } state && IsWithdrawn(state, FindPointer(state));
        }
        catch (ChunkOtaException)
        {
            // To start a program takes no trust state.
            return false;
        }
    }

    /// <summary>Makes a release that was installed before current again; the two change roles, and the one that was
    /// current is not installed again by itself.</summary>
    /// <param name="name">The product's name, for messages.</param>
    /// <param name="version">The version; null for the release before the current one.</param>
    /// <returns>The release that is current now.</returns>
    /// <exception cref="ChunkOtaException">See <see cref="RequireAllowed"/>; <c>NOTHING_TO_REVERT</c>;
    /// <c>NOT_AS_INSTALLED</c>: the older release is damaged.</exception>
    public InstalledRelease Revert(string name, string? version, CancellationToken cancellationToken)
    {
        product.States.Get(name);
        using var held = product.LockForPerson(cancellationToken);
        var state = product.Switch.Recover(product.States.Get(name));
        var to = FindRevertTarget(state, name, version);
        RequireAllowed(state, to);
        if (CheckRestored(to, cancellationToken).Damage is [var damage, ..])
        {
            throw new ChunkOtaException(
                ErrorCodes.NotAsInstalled,
                $"{name} {to.Version} is damaged and cannot be reverted to: {damage.Path}: {damage.What}: run "
                + $"ota-agent repair {name} --version {to.Version}");
        }
        product.Switch.GoBack(state, to, cause: null);
        return to;
    }

    private static InstalledRelease FindRevertTarget(ProductState state, string name, string? version)
    {
        if (version is null)
        {
            return state.PreviousRelease
                ?? throw new ChunkOtaException(ErrorCodes.NothingToRevert, $"{name} has no release to go back to");
        }
        var to = state.Releases.FirstOrDefault(release => release.Version == version)
            ?? throw new ChunkOtaException(
                ErrorCodes.NothingToRevert,
                $"{name} {version} is not installed here: ota-agent show {name} lists the releases that are");
        return to.ManifestDigest == state.Current
            ? throw new ChunkOtaException(ErrorCodes.NothingToRevert, $"{name} {version} is current")
            : to;
    }

    /// <summary>Holds the product at its release, or lets it follow its channel again; a release that was rejected may
    /// be installed then.</summary>
    /// <param name="name">The product's name, for messages.</param>
    /// <param name="heldSince">Since when it is held, Unix seconds; null to let it go.</param>
    public void Hold(string name, long? heldSince)
    {
        product.States.GetFollowed(name);
        using var held = product.LockForPerson(CancellationToken.None);
        var state = product.Switch.Recover(product.States.GetFollowed(name));
        product.States.Save(state with
        {
            HeldSinceUnixSeconds = heldSince is null ? null : state.HeldSinceUnixSeconds ?? heldSince,
            Rejected = heldSince is null ? [] : state.Rejected,
        });
    }

    /// <summary>Answers the question whether the staged release may become current.</summary>
    /// <param name="name">The product's name, for messages.</param>
    /// <param name="isConsented">The answer; null to be asked again.</param>
    /// <param name="askAgain">When to be asked again; null for now.</param>
    /// <exception cref="ChunkOtaException"><c>USAGE</c>: nothing is staged.</exception>
    public void Answer(string name, bool? isConsented, DateTimeOffset? askAgain)
    {
        product.States.Get(name);
        using var held = product.LockForPerson(CancellationToken.None);
        var state = product.Switch.Recover(product.States.Get(name));
        if (state.Staged is not { } staged)
            throw new ChunkOtaException(ErrorCodes.Usage, $"no release of {name} waits for consent");
        product.States.Save(state with
        {
            Staged = staged with
            {
                IsConsented = isConsented,
                AskAgainUnixSeconds = askAgain?.ToUnixTimeSeconds(),
            },
        });
    }

    /// <summary>Compares the current release with its manifest, byte by byte.</summary>
    /// <param name="name">The product's name, for messages.</param>
    public TreeFindings Verify(string name, CancellationToken cancellationToken)
    {
        product.States.Get(name);
        using var held = product.Home.Lock();
        var state = product.Switch.Observe(product.States.Get(name));
        // A switch that was interrupted may have flipped already: then that is what runs.
        var current = state.Pending is { } pending && product.Activation.IsCurrent(pending.To)
            ? pending.To
            : state.CurrentRelease
                ?? throw new ChunkOtaException(ErrorCodes.NotInstalled, $"{name} is not installed");
        return product.Activation.IsCurrent(current)
            ? Check(current, cancellationToken)
            : DamageOf("current", $"does not lead to {ProductHome.ReleasesName}/{current.Version}");
    }

    /// <summary>Removes what is not needed any more.</summary>
    /// <param name="name">The product's name, for messages.</param>
    /// <param name="keep">How many releases stay; the current one and the one before always do.</param>
    /// <param name="isDryRun">Plan, and remove nothing.</param>
    public PrunePlan Prune(string name, int keep, bool isDryRun)
    {
        product.States.Get(name);
        using var held = product.Lock();
        product.Switch.Recover(product.States.Get(name));
        return new Pruner(product).Run(keep, isDryRun);
    }

    /// <summary>Lists the installed releases that are not current and still in use.</summary>
    /// <param name="name">The product's name, for messages.</param>
    public IReadOnlyList<KeptRelease> FindUses(string name)
    {
        var state = product.States.Get(name);
        var others = state.Releases.Where(release => release.ManifestDigest != state.Current).ToList();
        return [.. product.Destination.FindUses(others).Select(use => new KeptRelease(use.Key, use.Value))];
    }

    /// <summary>Refuses a release that its publisher has withdrawn, or that is below the publisher's floor.</summary>
    /// <param name="state">The record of what is installed.</param>
    /// <param name="release">The release.</param>
    /// <exception cref="ChunkOtaException"><c>REVOKED</c>, <c>ROLLBACK</c>.</exception>
    public void RequireAllowed(ProductState state, InstalledRelease release)
    {
        if (FindPointer(state)?.Revoked.Contains(release.ManifestDigest.ToByteString()) == true)
            throw new ChunkOtaException(ErrorCodes.Revoked, $"{state.Product} {release.Version} was withdrawn");
        var trust = FindTrust(state);
        if (trust?.Root is { } bytes && !RootChange.IsSigned(
            release, VerifiedRoot.SelfSigned(Envelope.Parser.ParseFrom(bytes)), state.Product, product.Manifests))
        {
            throw new ChunkOtaException(
                ErrorCodes.Revoked,
                $"{state.Product} {release.Version} was signed by a key that its publisher has removed since");
        }
        var floor = trust?.MinimumCounter ?? 0;
        if (release.Counter < floor)
        {
            throw new ChunkOtaException(
                ErrorCodes.Rollback,
                $"{state.Product} {release.Version} (counter {release.Counter}) is below the floor {floor} that its "
                + "publisher has set");
        }
    }

    /// <summary>Compares an installed release with its manifest, byte by byte.</summary>
    /// <param name="release">The release.</param>
    public TreeFindings Check(InstalledRelease release, CancellationToken cancellationToken) =>
        product.Manifests.FindContents(release.ManifestDigest) is { } contents
            ? product.Destination.Check(release.Version, contents, cancellationToken)
            : DamageOf($"manifests/{release.ManifestDigest}.manifest", "missing");

    /// <summary>As <see cref="Check"/>, after permissions were put right where nothing else is wrong: that takes no
    /// byte, and must not keep anybody from going back.</summary>
    private TreeFindings CheckRestored(InstalledRelease release, CancellationToken cancellationToken)
    {
        var findings = Check(release, cancellationToken);
        for (var rounds = 0; rounds < MaxRestorings && IsOfPermissionsAlone(findings); rounds++)
        {
            product.Destination.RestorePermissions(
                release.Version, product.Manifests.FindContents(release.ManifestDigest)!, findings.Damage);
            findings = Check(release, cancellationToken);
        }
        return findings;
    }

    private static bool IsOfPermissionsAlone(TreeFindings findings) =>
        findings.Damage.Count > 0 && findings.Damage.All(found => found.IsOfMode);

    private static TreeFindings DamageOf(string path, string what) => new([new TreeDamage(path, what)], []);
}
