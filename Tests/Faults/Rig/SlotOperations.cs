using ChunkOta.Agent;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Faults.Rig;

/// <summary>The operations of a machine with two slots that faults are injected into.</summary>
internal static class SlotOperations
{
    private const string First = "2.0.0";
    private const string Second = "2.1.0";
    private const string Third = "2.2.0";

    private static readonly HealthPolicy Confirmed = new()
    {
        NeedsConfirmation = true,
        MaxAttempts = BootPlan.MaxTries,
    };

    private static readonly HealthPolicy Impatient = new() { MaxAttempts = 1 };

    /// <summary>Every operation.</summary>
    public static IReadOnlyList<FaultOperation> All { get; } =
    [
        Of("first image", Running(), Updated(First), null, First),
        Of("image by chunks", Running(First), Updated(Second), First, Second),
        Of("image by delta", Running(First), Updated(Second, hasDeltas: true), First, Second),
        Of("image over an older one", Running(First, Second), Updated(Third), Second, Third),
        Of("start of an image", Waiting(null), StartedAsync, Second, Second),
        Of("confirmation of an image", TriedAsync, ConfirmedAsync, Second, Second),
        Of("fall-back of the boot loader", Waiting(Impatient), FallenBackAsync, Second, First),
        Of("revert of an image", Running(First, Second), RevertedAsync, Second, First),
    ];

    private static FaultOperation Of(
        string name,
        Func<FaultWorld, AgentRig, Task> prepare,
        Func<FaultWorld, AgentRig, Task> run,
        string? before,
        string after) => new(name, prepare, run, before, after) { HasSlots = true };

    /// <summary>Installs images one after the other; the last one runs, and is kept.</summary>
    private static Func<FaultWorld, AgentRig, Task> Running(params string[] versions) => async (world, device) =>
    {
        var slots = new SlotDevice(device);
        device.Make();
        slots.Make(world.Factory);
        slots.Use();
        foreach (var version in versions)
        {
            world.Offer(version);
            await device.UpdateAsync();
            slots.Start(world.Factory);
            await device.UpdateAsync();
        }
        device.Product.Lock().Dispose();
    };

    private static Func<FaultWorld, AgentRig, Task> Updated(string version, bool hasDeltas = false) =>
        async (world, device) =>
        {
            new SlotDevice(device).Use();
            world.Offer(version, hasDeltas);
            device.Make();
            await device.UpdateAsync();
        };

    /// <summary>Leaves the second image to be started.</summary>
    private static Func<FaultWorld, AgentRig, Task> Waiting(HealthPolicy? health) => async (world, device) =>
    {
        await Running(First)(world, device);
        new SlotDevice(device).Use(health);
        world.Offer(Second);
        await device.UpdateAsync();
    };

    private static async Task StartedAsync(FaultWorld world, AgentRig device)
    {
        var slots = new SlotDevice(device);
        slots.Use();
        if (slots.Plan.Tries is not null || slots.Next != slots.Running)
            slots.Start(world.Factory);
        world.Offer(Second);
        await device.UpdateAsync();
    }

    private static async Task TriedAsync(FaultWorld world, AgentRig device)
    {
        await Waiting(Confirmed)(world, device);
        new SlotDevice(device).Start(world.Factory);
    }

    private static async Task ConfirmedAsync(FaultWorld world, AgentRig device)
    {
        new SlotDevice(device).Use(Confirmed);
        await device.Installed.ConfirmAsync("editor");
    }

    private static async Task FallenBackAsync(FaultWorld world, AgentRig device)
    {
        var slots = new SlotDevice(device);
        slots.Use(Impatient);
        // A start that was interrupted is made again.
        while (slots.Plan.Tries is not null || slots.Next != slots.Running)
            slots.Start(world.Factory);
        world.Offer(Second);
        try
        {
            await device.UpdateAsync();
        }
        catch (ChunkOtaException e) when (e.Code == ErrorCodes.HealthFailed)
        {
            // This is what it is about.
        }
    }

    private static Task RevertedAsync(FaultWorld world, AgentRig device)
    {
        var slots = new SlotDevice(device);
        slots.Use();
        if (SlotOracle.FindVersion(world, device, slots.Next) == Second)
            device.Installed.Revert("editor");
        else
            device.Installed.Hold("editor");
        return Task.CompletedTask;
    }
}
