using System.Text;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>U-Boot, through <c>fw_printenv</c> and <c>fw_setenv</c>.</summary>
/// <remarks>Both variables are set by one call. With two copies of the environment, as the configuration should list,
/// that is one step: the tool writes the copy that is not in use.</remarks>
/// <param name="path">The configuration of the tools.</param>
/// <param name="scratchFolder">A folder for a script.</param>
/// <param name="running">Tells the slot that runs.</param>
/// <param name="clock">Limits the time of the tools.</param>
internal sealed class UBootBootloader(
    string path, string scratchFolder, RunningSlot running, TimeProvider clock) : IBootloader
{
    private readonly EnvironmentTool _tool = new(clock);

    /// <inheritdoc/>
    public string BootId => MachineBoot.Now(clock).BootId;

    /// <inheritdoc/>
    public BootPlan Read() => BootPlan.Read(_tool.Run(["fw_printenv"], ["-c", path]));

    /// <inheritdoc/>
    public void Write(BootPlan plan)
    {
        using var script = TemporaryFile.Create(scratchFolder, "fw_setenv");
        script.Append(Encoding.ASCII.GetBytes(
            $"{BootPlan.SlotVariable}={plan.First}\n{BootPlan.TriesVariable}={plan.TriesText}\n"));
        _tool.Run(["fw_setenv"], ["-c", path, "-s", script.Path], changes: path);
        if (Read() != plan)
        {
            throw new ChunkOtaException(
                ErrorCodes.IoError,
                $"fw_setenv -c {path} changed nothing: write a first environment with fw_setenv -f");
        }
    }

    /// <inheritdoc/>
    public SlotName FindRunning() => running.Find();

    /// <inheritdoc/>
    public SlotName Start() => running.FindChosen();

    /// <inheritdoc/>
    public void NoteRunning(SlotName slot) => running.Note(slot);
}
