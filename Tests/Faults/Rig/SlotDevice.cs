using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Faults.Rig;

/// <summary>A machine with two slots: files beside the home of its agent, and a simulated boot loader.</summary>
/// <param name="device">The machine.</param>
internal sealed class SlotDevice(AgentRig device)
{
    public const int SlotBytes = 28 * 1024;

    /// <summary>Tries enough for every restart of a test.</summary>
    private static readonly HealthPolicy Patient = new() { MaxAttempts = BootPlan.MaxTries };

    private string Environment => Path.Combine(device.Folder, "boot.env");

    /// <summary>What the boot loader will do.</summary>
    public BootPlan Plan => BootPlan.Read(Lines);

    /// <summary>The slot that the machine was started from.</summary>
    public SlotName Running =>
        SlotNames.Find(Lines.LastOrDefault(line => line.StartsWith("running=", StringComparison.Ordinal))?[8..])
        ?? SlotName.A;

    /// <summary>The slots that run or may be started before anything is chosen again.</summary>
    public IEnumerable<SlotName> InUse
    {
        get
        {
            var plan = Plan;
            SlotName[] started = plan.Tries > 0 ? [plan.First, plan.First.Other()] : [plan.Start().First];
            return started.Append(Running).Distinct();
        }
    }

    /// <summary>The slot that is started next.</summary>
    public SlotName Next => Plan.Start().First;

    private string[] Lines => File.Exists(Environment) ? File.ReadAllLines(Environment) : [];

    /// <summary>Tells the agent of the slots.</summary>
    /// <param name="health">How a release proves that it works; by starting, when null.</param>
    public void Use(HealthPolicy? health = null) => device.Policy = new ProductPolicy
    {
        Slots = new SlotSettings
        {
            A = PathOf(SlotName.A),
            B = PathOf(SlotName.B),
            Bootloader = SlotSettings.Simulated,
            Environment = Environment,
        },
        Health = health ?? Patient,
    };

    /// <summary>Makes the slots as they come from the factory.</summary>
    public void Make(byte[] factory)
    {
        File.WriteAllBytes(PathOf(SlotName.A), factory);
        File.WriteAllBytes(PathOf(SlotName.B), new byte[SlotBytes]);
    }

    public string PathOf(SlotName slot) => Path.Combine(device.Folder, $"slot-{slot}");

    /// <summary>Starts the machine. What comes from the factory starts though nobody has signed it, where there is
    /// nothing else.</summary>
    public void Start(byte[] factory)
    {
        if (device.Policy.Slots is null)
            Use();
        try
        {
            device.Installed.Boot(new BootRequest { Product = "editor" });
        }
        catch (ChunkOtaException e)
            when (e.Code == ErrorCodes.SlotUnverified && File.ReadAllBytes(PathOf(Plan.First)).SequenceEqual(factory))
        {
            new SimulatedBootloader(Environment).NoteRunning(Plan.First);
        }
    }
}

/// <summary>Ends a test when a slot is written that runs or may be started.</summary>
/// <param name="slots">The slots.</param>
internal sealed class RunningSlotGuard(SlotDevice slots) : IDiskObserver
{
    /// <inheritdoc/>
    public FaultMode Before(FsOperation operation, string path)
    {
        var isContent = operation is FsOperation.Write or FsOperation.Truncate or FsOperation.Punch
            or FsOperation.Reserve or FsOperation.Clone;
        if (isContent && SlotNames.Find(path[^1..]) is { } slot && slots.PathOf(slot) == path
            && slots.InUse.Contains(slot))
            throw new InvalidOperationException($"{operation} of {path}, which is in use");
        return FaultMode.None;
    }

    /// <inheritdoc/>
    public void After(FsOperation operation, string path)
    {
        // It is too late then.
    }
}
