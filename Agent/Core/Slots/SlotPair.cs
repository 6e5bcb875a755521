using System.Text;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>The two slots of a product: where they are, what they hold, and which of them may be written.</summary>
/// <param name="home">The product's folder.</param>
/// <param name="settings">Where the slots are.</param>
/// <param name="bootloader">Chooses between them.</param>
internal sealed class SlotPair(ProductHome home, SlotSettings settings, IBootloader bootloader)
{
    private const string LoopFolder = "/sys/block";
    private const int MaxPathBytes = 4096;

    private readonly SlotStore _store = new(home);

    /// <summary>Chooses between the slots.</summary>
    public IBootloader Bootloader => bootloader;

    /// <summary>Returns the path of a slot.</summary>
    public string PathOf(SlotName slot) => slot == SlotName.A ? settings.A : settings.B;

    /// <summary>Reads what the slots hold.</summary>
    public SlotDocument Load() => _store.Load();

    /// <summary>Records what a slot holds from now on.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="content">Its content; null when it is not known.</param>
    public void Save(SlotName slot, SlotContent? content) => _store.Save(Load().With(slot, content));

    /// <summary>Chooses the slot that is started next.</summary>
    /// <param name="plan">The slot and its tries.</param>
    public void Choose(BootPlan plan)
    {
        // The note comes first: without it, the start that is still running would look like one that went back.
        var document = Load();
        if (document.ChosenIn != bootloader.BootId)
            _store.Save(document with { ChosenIn = bootloader.BootId });
        bootloader.Write(plan);
    }

    /// <summary>Returns the length of a slot, bytes.</summary>
    public long CapacityOf(SlotName slot)
    {
        using var device = DurableFile.OpenDevice(PathOf(slot), isWritable: false);
        return device.Length;
    }

    /// <summary>Opens an image for reading; null when its slot cannot be opened or is too short.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="imageBytes">The length of the image; null for the whole slot.</param>
    public DurableFile? TryOpenImage(SlotName slot, long? imageBytes)
    {
        try
        {
            return DurableFile.OpenDevice(PathOf(slot), isWritable: false, imageBytes);
        }
        catch (FileSystemException)
        {
            return null;
        }
    }

    /// <summary>Finds the slot that a release may be written to: the one that neither runs nor is started
    /// next.</summary>
    /// <exception cref="ChunkOtaException"><c>BUSY</c>: there is none before the machine is restarted.</exception>
    public SlotName RequireSpare()
    {
        var spare = bootloader.FindRunning().Other();
        return bootloader.Read().First != spare || WasRefused(spare)
            ? spare
            : throw new ChunkOtaException(
                ErrorCodes.Busy,
                $"slot {spare} cannot be written: it is the one that is started next: restart the machine first");
    }

    /// <summary>Opens a slot for writing an image. From now on it holds nothing that may be started.</summary>
    /// <param name="slot">From <see cref="RequireSpare"/>.</param>
    /// <param name="content">The release that is to be written.</param>
    /// <exception cref="ChunkOtaException"><c>BUSY</c>: it is mounted. <c>CONFIG_INVALID</c>: it is the other slot as
    /// well.</exception>
    public DurableFile OpenForWriting(SlotName slot, SlotContent content)
    {
        RequireUnused(slot);
        DurableFile device;
        try
        {
            device = DurableFile.OpenDevice(PathOf(slot), isWritable: true, content.ImageBytes);
        }
        catch (FileSystemException e) when (e.Problem == FileProblem.Busy)
        {
            throw InUse(slot, "it is mounted or otherwise in use", e);
        }
        try
        {
            // A slot on trial that no record knows of runs, or one that the machine has taken instead of the one to
            // write. If it failed now, there would be nothing to go back to.
            var running = new BootPlan(slot.Other(), null);
            if (bootloader.Read() != running)
                bootloader.Write(running);
            Save(slot, content with { IsComplete = false });
            return device;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Tells whether the machine was started since a slot was chosen, and did not start that slot: it holds
    /// nothing that this agent knows, such as an unsigned image from the factory, and would be refused again.</summary>
    private bool WasRefused(SlotName chosen)
    {
        var document = Load();
        return document[chosen] is not { IsComplete: true } && document.ChosenIn != bootloader.BootId;
    }

    /// <summary>Removes what killed runs left beside the boot loader's environment.</summary>
    public void RemoveLeftovers()
    {
        var environment = Fs.Resolve(settings.Environment);
        if (Path.GetDirectoryName(environment) is { } folder)
            TemporaryFile.RemoveLeftovers(folder, Path.GetFileName(environment));
    }

    /// <summary>Refuses a device that is both slots, and a file that a loop device shows as a disk: the kernel does not
    /// claim it as it claims a block device.</summary>
    private void RequireUnused(SlotName slot)
    {
        var path = Fs.Resolve(PathOf(slot));
        if (path == Fs.Resolve(PathOf(slot.Other())))
        {
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid, $"slot {slot} cannot be written: both slots lead to {path}");
        }
        foreach (var (name, _) in Fs.FindNames(LoopFolder) ?? [])
        {
            if (!name.StartsWith("loop", StringComparison.Ordinal))
                continue;
            var shown = DurableFile.FindBytes($"{LoopFolder}/{name}/loop/backing_file", MaxPathBytes);
            if (shown is not null && Encoding.UTF8.GetString(shown).TrimEnd('\n', '\0') == path)
                throw InUse(slot, $"/dev/{name} shows it as a disk", null);
        }
    }

    private ChunkOtaException InUse(SlotName slot, string how, Exception? cause) => new(
        ErrorCodes.Busy, $"slot {slot} cannot be written: {PathOf(slot)}: {how}: unmount it and run again", cause);
}
