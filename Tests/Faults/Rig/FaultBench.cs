using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Faults.Disk;
using ChunkOta.Tests.Support;

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
    private int _examined;

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
        var record = InstallOracle.RecordOf(operation, device);
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
        using var guard = operation.HasSlots ? FaultPoint.Arm(new RunningSlotGuard(new SlotDevice(device))) : null;
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
    /// <param name="prepared">The operation that a fault struck.</param>
    /// <param name="device">The device; it is deleted.</param>
    /// <param name="isAcknowledged">The operation had succeeded.</param>
    /// <param name="goesOn">False to leave the newest release out.</param>
    /// <param name="isRecorded">The agent's records must be as after the operation; false when they may be older, as
    /// after a warning that they could not be written.</param>
    /// <returns>What is broken; null when nothing is.</returns>
    public async Task<string?> FindBrokenAsync(
        PreparedOperation prepared,
        AgentRig device,
        bool isAcknowledged,
        bool goesOn = true,
        bool isRecorded = false)
    {
        var operation = prepared.Operation;
        try
        {
            if (InstallOracle.FindBroken(world, operation, device, isAcknowledged) is { } before)
                return before;
            if (isRecorded && FindBrokenRecord(prepared, device) is { } lost)
                return lost;
            // A process that was killed is started again; after a power cut the whole machine is.
            if (operation.HasSlots && _examined++ % 2 == 0 && FindBrokenByStart(operation, device) is { } unstarted)
                return $"after a restart: {unstarted}";
            await RunFreelyAsync(() => operation.Run(world, device));
            if ((InstallOracle.FindBroken(world, operation, device, isAcknowledged: true)
                    ?? InstallOracle.FindLeftover(device)) is { } after)
                return $"after the next run: {after}";
            if (!operation.HasSlots && FaultWorld.TreeOf(device) != await world.FreshTreeAsync(operation.After))
                return "after the next run: not as a fresh install";
            // A machine that was restarted has begun or ended a trial.
            if (!operation.HasSlots && FindBrokenRecord(prepared, device) is { } other)
                return $"after the next run: {other}";
            if (!goesOn)
                return null;
            string? broken = null;
            await RunFreelyAsync(async () => broken = await FindBrokenByNewestAsync(operation, device));
            return broken ?? InstallOracle.FindLeftover(device);
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

    /// <summary>Runs what nothing keeps from succeeding, but that another test has just forked a program: until it
    /// executes, the program holds every lock that this process held.</summary>
    private static async Task RunFreelyAsync(Func<Task> run) => await Eventually.Async("a free lock", async () =>
    {
        try
        {
            await run();
            return true;
        }
        catch (ChunkOtaException e) when (e is { Code: ErrorCodes.Busy, InnerException: FileSystemException })
        {
            return false;
        }
    }, isFree => isFree);

    private static string? FindBrokenRecord(PreparedOperation prepared, AgentRig device) =>
        InstallOracle.RecordOf(prepared.Operation, device) is var found && found != prepared.Record
            ? $"the record is {found}, and not {prepared.Record}"
            : null;

    private string? FindBrokenByStart(FaultOperation operation, AgentRig device)
    {
        new SlotDevice(device).Start(world.Factory);
        return InstallOracle.FindBroken(world, operation, device, isAcknowledged: false);
    }

    private async Task<string?> FindBrokenByNewestAsync(FaultOperation operation, AgentRig device)
    {
        if (operation.HasSlots)
            return await SlotOracle.FindBrokenByNewestAsync(world, device);
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
