using System.Text;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Tells the slot that a machine with a real boot loader was started from: <c>chunkota.slot=A</c> on the
/// kernel's command line, or a note of <c>ota-agent boot</c> that it went on with another.</summary>
/// <param name="settings">Where both are.</param>
/// <param name="product">The product, which names the note.</param>
internal sealed class RunningSlot(SlotSettings settings, string product)
{
    private const string Parameter = "chunkota.slot=";
    private const int MaxBytes = 64 * 1024;

    private string NotePath => Path.Combine(settings.RunFolder, product + ".slot");

    /// <summary>Finds the slot.</summary>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: nothing tells.</exception>
    public SlotName Find() => SlotNames.Find(Read(NotePath)) ?? FindChosen();

    /// <summary>Finds the slot that the boot loader has chosen.</summary>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: nothing tells.</exception>
    public SlotName FindChosen()
    {
        foreach (var word in Read(settings.KernelCommandLine).Split(' '))
        {
            if (word.StartsWith(Parameter, StringComparison.Ordinal)
                && SlotNames.Find(word[Parameter.Length..]) is { } slot)
                return slot;
        }
        throw new ChunkOtaException(
            ErrorCodes.ConfigInvalid,
            $"nothing tells which slot runs: let the boot loader pass {Parameter}A or {Parameter}B to the kernel");
    }

    /// <summary>Notes that another slot was started.</summary>
    public void Note(SlotName slot)
    {
        Fs.MakeDirectories(settings.RunFolder, Permissions.Executable);
        AtomicFile.Replace(NotePath, Encoding.ASCII.GetBytes(slot.ToString()), Permissions.Ordinary);
    }

    private static string Read(string path) =>
        DurableFile.TryOpenRead(path) is { } file ? ReadText(file) : "";

    /// <summary>Reads a file of the kernel, which says that its length is 0.</summary>
    private static string ReadText(DurableFile file)
    {
        using (file)
        {
            var bytes = new byte[MaxBytes];
            return Encoding.UTF8.GetString(bytes, 0, file.ReadAt(0, bytes)).TrimEnd('\n');
        }
    }
}
