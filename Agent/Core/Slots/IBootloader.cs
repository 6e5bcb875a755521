namespace ChunkOta.Agent;

/// <summary>The boot loader of a machine with two slots, through its environment.</summary>
internal interface IBootloader
{
    /// <summary>The start of the machine that this is, told apart from others.</summary>
    string BootId { get; }

    /// <summary>Reads which slot is started next.</summary>
    BootPlan Read();

    /// <summary>Changes which slot is started next, in one step that survives a power cut.</summary>
    /// <param name="plan">The whole plan.</param>
    void Write(BootPlan plan);

    /// <summary>Finds the slot that the machine was started from.</summary>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: nothing tells.</exception>
    SlotName FindRunning();

    /// <summary>Tells the slot that the boot loader has chosen for this start, and counts the try where the boot loader
    /// is this program.</summary>
    SlotName Start();

    /// <summary>Notes the slot that is started in the end.</summary>
    /// <param name="slot">The slot.</param>
    void NoteRunning(SlotName slot);
}
