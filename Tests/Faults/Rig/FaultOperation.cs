using ChunkOta.Agent;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Faults.Rig;

/// <summary>An operation of the agent that faults are injected into.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Prepare">Brings a fresh device to the state before it.</param>
/// <param name="Run">Runs it; running it again after a failure must end in the same.</param>
/// <param name="Before">The version that is current before; null for none.</param>
/// <param name="After">The version that is current after it.</param>
internal sealed record FaultOperation(
    string Name,
    Func<FaultWorld, AgentRig, Task> Prepare,
    Func<FaultWorld, AgentRig, Task> Run,
    string? Before,
    string After)
{
    private const string First = "1.0.0";
    private const string Second = "1.1.0";
    private const string Third = "1.2.0";

    private static readonly ProductPolicy Confirmed = new() { Health = new() { NeedsConfirmation = true } };

    private static readonly ProductPolicy Failing = new()
    {
        Health = new() { NeedsConfirmation = true, DeadlineSeconds = 0 },
    };

    /// <summary>A version that may be current meanwhile.</summary>
    public string? Between { get; init; }

    /// <summary>Versions that must be whole all the time.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    /// <summary>The version that <see cref="ReleaseDamage"/> was done to before; null for none.</summary>
    public string? Damaged { get; init; }

    /// <summary>Nothing is damaged any more once the operation has succeeded.</summary>
    public bool Repairs { get; init; }

    /// <summary>The device has two slots, and its releases are images (<see cref="SlotOracle"/>).</summary>
    public bool HasSlots { get; init; }

    /// <summary>Every operation; one more is one more line here, or in <see cref="SlotOperations"/>.</summary>
    public static IReadOnlyList<FaultOperation> All { get; } =
    [
        new("install", Installed(), Updated(Second), null, Second),
        new("upgrade by chunks", Installed(First), Updated(Second), First, Second) { Kept = [First] },
        new("upgrade by delta", Installed(First), Updated(Second, hasDeltas: true), First, Second) { Kept = [First] },
        new("upgrade sharing files", Installed(First), Updated(Second, link: LinkMode.Hardlink), First, Second)
        {
            Kept = [First],
        },
        new("upgrade and prune", Installed(First), UpgradedAndPrunedAsync, First, Second) { Kept = [First] },
        new("revert", Installed(First, Second), RevertedAsync, Second, First) { Kept = [First, Second] },
        new("prune", Installed(First, Second, Third), PrunedAsync, Third, Third) { Kept = [Second, Third] },
        new("failed trial", Installed(First), FailedTrialAsync, First, First) { Between = Second, Kept = [First] },
        new("confirm", TriedAsync, ConfirmedAsync, Second, Second) { Kept = [First, Second] },
        new("repair", Damaging(Second), Repaired(Second), Second, Second)
        {
            Kept = [First], Damaged = Second, Repairs = true,
        },
        new("repair of the release before", Damaging(First), Repaired(First), Second, Second)
        {
            Kept = [Second], Damaged = First, Repairs = true,
        },
        new("upgrade that repairs", Damaging(Second), Updated(Second), Second, Second)
        {
            Kept = [First], Damaged = Second, Repairs = true,
        },
        new("recover", Damaging(Second), RecoveredAsync, Second, First) { Kept = [First], Damaged = Second },
        .. SlotOperations.All,
    ];

    public override string ToString() => Name;

    private static Func<FaultWorld, AgentRig, Task> Installed(params string[] versions) => async (world, device) =>
    {
        device.Make();
        foreach (var version in versions)
        {
            world.Offer(version);
            await device.UpdateAsync();
        }
        device.Product.Lock().Dispose();
    };

    private static Func<FaultWorld, AgentRig, Task> Updated(
        string version, bool hasDeltas = false, LinkMode link = LinkMode.Reflink) => async (world, device) =>
    {
        world.Offer(version, hasDeltas);
        device.Make();
        await device.UpdateAsync(link: link);
    };

    /// <summary>As the engine does it: a prune that fails does not make the upgrade fail.</summary>
    private static async Task UpgradedAndPrunedAsync(FaultWorld world, AgentRig device)
    {
        await Updated(Second)(world, device);
        try
        {
            new Pruner(new LocalProduct(device.Product, device.Clock)).Run(keep: 2, isDryRun: false);
        }
        catch (ChunkOtaException)
        {
            // A warning.
        }
    }

    private static Task RevertedAsync(FaultWorld world, AgentRig device)
    {
        if (device.Activation.FindCurrent() == Second)
            device.Installed.Revert("editor");
        else
            device.Installed.Hold("editor");
        return Task.CompletedTask;
    }

    private static Task PrunedAsync(FaultWorld world, AgentRig device)
    {
        device.Installed.Prune("editor", 2, isDryRun: false);
        return Task.CompletedTask;
    }

    private static async Task FailedTrialAsync(FaultWorld world, AgentRig device)
    {
        world.Offer(Second);
        device.Policy = Failing;
        UpdateResult? result = null;
        try
        {
            result = await device.UpdateAsync();
        }
        catch (ChunkOtaException e) when (e.Code == ErrorCodes.HealthFailed)
        {
            // This is what it is about.
        }
        // A disk that refuses the way back is a warning, and nothing was promised: the trial stays open.
        if (result?.State == UpdateState.OnTrial)
            throw new ChunkOtaException(ErrorCodes.HealthFailed, "the trial goes on");
        device.Policy = ProductPolicy.None;
    }

    private static async Task TriedAsync(FaultWorld world, AgentRig device)
    {
        await Installed(First)(world, device);
        world.Offer(Second);
        device.Policy = Confirmed;
        await device.UpdateAsync();
    }

    /// <summary>Installs two releases, and damages one of them.</summary>
    private static Func<FaultWorld, AgentRig, Task> Damaging(string version) => async (world, device) =>
    {
        await Installed(First, Second)(world, device);
        ReleaseDamage.Make(device.Product.ReleaseOf(version));
    };

    /// <summary>As <c>ota-agent repair</c> does it, from a server in memory.</summary>
    private static Func<FaultWorld, AgentRig, Task> Repaired(string version) => async (_, device) =>
    {
        var product = new LocalProduct(device.Product, device.Clock);
        using var held = product.Lock();
        var state = product.Switch.Recover(product.States.Get("editor"));
        var release = state.Releases.Single(release => release.Version == version);
        var contents = product.Manifests.FindContents(release.ManifestDigest)!;
        var findings = product.Destination.Check(version, contents);
        if (findings.Damage.Count > 0)
        {
            await new ReleaseRepair(product, device.Source, new RunMonitor(device.Clock))
                .RunAsync(state, release, contents, findings, isFull: true, CancellationToken.None);
        }
    };

    private static async Task RecoveredAsync(FaultWorld world, AgentRig device) =>
        await device.Installed.RecoverAsync("editor", (_, _) => true);

    private static async Task ConfirmedAsync(FaultWorld world, AgentRig device)
    {
        device.Policy = Confirmed;
        await device.Installed.ConfirmAsync("editor");
    }
}
