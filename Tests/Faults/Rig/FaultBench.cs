using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Faults.Disk;

namespace ChunkOta.Tests.Faults.Rig;

/// <summary>An operation whose device is ready, and what it does when nothing fails.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Image">The device before it.</param>
/// <param name="Recording">The whole operation.</param>
/// <param name="Record">The agent's records after it.</param>
internal sealed record PreparedOperation(
    FaultOperation Operation, DiskImage Image, DiskRecorder Recording, string Record)
{
    /// <summary>How many steps it has.</summary>
    public int Steps => Recording.Steps.Count;

    /// <summary>A step is a write, which may be torn.</summary>
    /// <param name="step">From 1.</param>
    public bool IsWrite(int step) => Recording.Steps[step - 1].Operation == FsOperation.Write;
}

/// <summary>Runs operations with faults, and finds out what is broken by them.</summary>
internal sealed class FaultBench(FaultWorld world)
{
    public FaultWorld World => world;

    /// <summary>Prepares an operation, and runs it once without a fault.</summary>
    public async Task<PreparedOperation> PrepareAsync(FaultOperation operation)
    {
        var device = world.NewDevice();
        await operation.Prepare(world, device);
        var image = DiskImage.Read(device.Folder);
        var recorder = new DiskRecorder(device.Folder);
        using (FaultPoint.Arm(recorder))
            await operation.Run(world, device);
        Assert.Null(InstallOracle.FindBroken(world, operation, device, isAcknowledged: true));
        var record = InstallOracle.RecordOf(device);
        Delete(device);
        return new PreparedOperation(operation, image, recorder, record);
    }

    /// <summary>A device as it is before an operation.</summary>
    public AgentRig Ready(PreparedOperation prepared) => Materialise(prepared.Image);

    /// <summary>A device whose disk is that image.</summary>
    public AgentRig Materialise(DiskImage image)
    {
        var folder = world.NewFolder();
        image.WriteTo(folder);
        return world.DeviceIn(folder);
    }

    /// <summary>Runs an operation with a fault.</summary>
    /// <returns>True when it succeeded all the same; false when it failed or its process ended.</returns>
    public async Task<bool> RunAsync(FaultOperation operation, AgentRig device, IDiskObserver fault)
    {
        using var armed = FaultPoint.Arm(fault);
        try
        {
            await operation.Run(world, device);
            return true;
        }
        catch (Exception e) when (e is RunEndedException or ChunkOtaException)
        {
            return false;
        }
    }

    /// <summary>Looks at a device after a fault, runs the operation again without one, and looks again; then brings it
    /// to the newest release.</summary>
    /// <param name="operation">The operation that a fault struck.</param>
    /// <param name="device">The device; it is deleted.</param>
    /// <param name="isAcknowledged">The operation had succeeded.</param>
    /// <param name="goesOn">False to leave the newest release out.</param>
    /// <param name="record">The records that the agent must have; null when they may be older, as after a warning that
    /// they could not be written.</param>
    /// <returns>What is broken; null when nothing is.</returns>
    public async Task<string?> FindBrokenAsync(
        FaultOperation operation, AgentRig device, bool isAcknowledged, bool goesOn = true, string? record = null)
    {
        try
        {
            if (InstallOracle.FindBroken(world, operation, device, isAcknowledged) is { } broken)
                return broken;
            if (record is not null && InstallOracle.RecordOf(device) is var found && found != record)
                return $"the record was {record}, and is {found}";
            await operation.Run(world, device);
            if (InstallOracle.FindBroken(world, operation, device, isAcknowledged: true) is { } after)
                return $"after the next run: {after}";
            if (FaultWorld.TreeOf(device) != await world.FreshTreeAsync(operation.After))
                return "after the next run: not as a fresh install";
            return goesOn ? await FindBrokenByNewestAsync(device) : null;
        }
        catch (Exception e)
        {
            return $"the next run failed: {e.GetType().Name}: {e.Message}";
        }
        finally
        {
            Delete(device);
        }
    }

    public static void Delete(AgentRig device) => Directory.Delete(device.Folder, recursive: true);

    private async Task<string?> FindBrokenByNewestAsync(AgentRig device)
    {
        device.Policy = ProductPolicy.None;
        device.Installed.Unhold("editor");
        world.Offer(world.Newest);
        await device.UpdateAsync();
        device.Installed.Prune("editor", 2, isDryRun: false);
        if (FaultWorld.TreeOf(device) != await world.FreshTreeAsync(world.Newest))
            return "the newest release is not as a fresh install";
        return Directory.EnumerateFileSystemEntries(device.Product.Staging).FirstOrDefault() is { } left
            ? $"{left} is left"
            : null;
    }
}
