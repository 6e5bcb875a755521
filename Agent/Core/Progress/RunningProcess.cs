using System.Globalization;

namespace ChunkOta.Agent;

/// <summary>A process, told apart from every other that had or will have its number.</summary>
/// <param name="Id">The process id.</param>
/// <param name="Started">When it started, in the kernel's ticks since the boot.</param>
/// <param name="BootId">The boot of the machine.</param>
internal sealed record RunningProcess(int Id, string Started, string BootId)
{
    private const int StartedField = 19;

    /// <summary>This process.</summary>
    public static RunningProcess This { get; } =
        new(Environment.ProcessId, FindStarted(Environment.ProcessId) ?? "", MachineBoot.Id);

    /// <summary>True while the process runs; false also where the system does not tell.</summary>
    public bool IsAlive => Started.Length > 0 && BootId == MachineBoot.Id && FindStarted(Id) == Started;

    private static string? FindStarted(int id)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            // The program's name is in parentheses and may hold anything, spaces and parentheses too.
            var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return fields.Length > StartedField ? fields[StartedField] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
