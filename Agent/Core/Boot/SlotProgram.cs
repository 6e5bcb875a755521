using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Starts a program that needs the slot that was verified.</summary>
public static class SlotProgram
{
    /// <summary>Runs a program in place of this one: it does not return.</summary>
    /// <param name="command">The program's path and its arguments.</param>
    /// <param name="slot">The slot: the program finds it in <c>OTA_SLOT</c>, <c>OTA_IMAGE</c> and
    /// <c>OTA_VERSION</c>.</param>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>: it cannot be started.</exception>
    public static void Replace(IReadOnlyList<string> command, BootReport slot)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(slot);
        ProgramLaunch.Replace(new LaunchOrder(command[0], command, PassedEnvironment.Of(
            Environment.GetEnvironmentVariables(),
            ("OTA_SLOT", slot.Slot), ("OTA_IMAGE", slot.Path), ("OTA_VERSION", slot.Version))));
    }
}
