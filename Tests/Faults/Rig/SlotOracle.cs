using ChunkOta.Agent;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Faults.Rig;

/// <summary>Tells what is wrong with a machine with two slots, whatever has happened to it.</summary>
/// <remarks>It reads the slots and the boot loader's environment: what the agent has recorded of them does not
/// count.</remarks>
internal static class SlotOracle
{
    private const string Factory = "factory";

    /// <summary>Looks at a machine after a fault and before its next run: every slot that runs or may be started holds
    /// the image of a signed manifest, from its first byte to its last.</summary>
    /// <param name="world">The publisher.</param>
    /// <param name="operation">What was being done.</param>
    /// <param name="device">The machine.</param>
    /// <param name="isAcknowledged">The operation had succeeded.</param>
    /// <returns>What is broken; null when nothing is.</returns>
    public static string? FindBroken(
        FaultWorld world, FaultOperation operation, AgentRig device, bool isAcknowledged)
    {
        var slots = new SlotDevice(device);
        foreach (var slot in slots.InUse)
        {
            if (FindVersion(world, device, slot) is null)
                return $"slot {slot} is in use ({slots.Plan}, {slots.Running} runs) and holds no signed image";
        }
        var version = FindVersion(world, device, slots.Next);
        if (isAcknowledged && version != operation.After)
            return $"{version} is started next, though {operation.After} was promised";
        return version == (operation.Before ?? Factory) || version == operation.After
            ? InstallOracle.FindStray(device.Folder) ?? FindUnreadable(device, version)
            : $"{version} is started next";
    }

    /// <summary>Brings a machine to the newest image, and looks again.</summary>
    public static async Task<string?> FindBrokenByNewestAsync(FaultWorld world, AgentRig device)
    {
        var slots = new SlotDevice(device);
        slots.Use();
        device.Installed.Unhold("editor");
        world.Offer(world.NewestImage);
        // The trial of what is there ends, and then that of the newest one.
        for (var starts = 0; starts < 2; starts++)
        {
            slots.Start(world.Factory);
            await device.UpdateAsync();
        }
        device.Installed.Prune("editor", 2, isDryRun: false);
        if (slots.Plan is not { Tries: null } || slots.Next != slots.Running)
            return $"the newest image is not kept: {slots.Plan}, {slots.Running} runs";
        return FindVersion(world, device, slots.Next) is var version && version == world.NewestImage
            ? null
            : $"{version} is started in the end";
    }

    /// <summary>Finds the version that a slot holds; null when its bytes are not those that were signed.</summary>
    public static string? FindVersion(FaultWorld world, AgentRig device, SlotName slot)
    {
        var bytes = File.ReadAllBytes(new SlotDevice(device).PathOf(slot));
        return InstallOracle.SignedManifests(world, device).FirstOrDefault(manifest => Holds(bytes, manifest))?.Version
            ?? (bytes.SequenceEqual(world.Factory) ? Factory : null);
    }

    private static bool Holds(byte[] bytes, Manifest manifest) => manifest.Entries is [{ Kind: EntryKind.File } image]
        && image.Size <= (ulong)bytes.Length
        && Digest.Of(bytes.AsSpan(0, (int)image.Size)).ToByteString() == image.Digest;

    /// <summary>After a fall-back the record knows the release that is started as one that is installed.</summary>
    private static string? FindUnreadable(AgentRig device, string version)
    {
        try
        {
            var state = device.States.Find();
            device.TrustStore.Load();
            new SlotStore(device.Product).Load();
            var isKnown = version == Factory || state?.Pending?.To.Version == version
                || state?.Releases.Any(release => release.Version == version) == true;
            return isKnown ? null : $"the record does not know {version}";
        }
        catch (ChunkOtaException e)
        {
            return e.Message;
        }
    }
}
