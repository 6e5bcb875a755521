using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>GRUB, through its environment block and <c>grub-editenv</c>.</summary>
/// <remarks>The tool empties the file before it writes it. So it works on a copy, which is synced and renamed into
/// place: GRUB finds the old block or the new one.</remarks>
/// <param name="path">The environment block.</param>
/// <param name="running">Tells the slot that runs.</param>
/// <param name="clock">Limits the time of the tool.</param>
internal sealed class GrubBootloader(string path, RunningSlot running, TimeProvider clock) : IBootloader
{
    private const int MaxBytes = 64 * 1024;
    private static readonly string[] Names = ["grub-editenv", "grub2-editenv"];

    private readonly EnvironmentTool _tool = new(clock);

    /// <inheritdoc/>
    public string BootId => MachineBoot.Now(clock).BootId;

    /// <inheritdoc/>
    public BootPlan Read() => BootPlan.Read(_tool.Run(Names, [path, "list"]));

    /// <inheritdoc/>
    public void Write(BootPlan plan)
    {
        // A link to it, such as to the EFI system partition, stays one: GRUB reads the block that it leads to.
        var place = Fs.Resolve(path);
        if (DurableFile.FindBytes(place, MaxBytes) is not { } block)
            throw new ChunkOtaException(ErrorCodes.IoError, $"{path} is missing: make it with grub-editenv create");
        var folder = Path.GetDirectoryName(place) ?? "/";
        using var copy = TemporaryFile.Create(folder, Path.GetFileName(place), Permissions.Ordinary);
        copy.Append(block);
        _tool.Run(
            Names,
            [
                copy.Path,
                "set",
                $"{BootPlan.SlotVariable}={plan.First}",
                $"{BootPlan.TriesVariable}={plan.TriesText}",
            ],
            changes: copy.Path);
        copy.Sync();
        copy.RenameIntoPlace(place);
        Fs.SyncDirectory(folder);
    }

    /// <inheritdoc/>
    public SlotName FindRunning() => running.Find();

    /// <inheritdoc/>
    public SlotName Start() => running.FindChosen();

    /// <inheritdoc/>
    public void NoteRunning(SlotName slot) => running.Note(slot);
}
