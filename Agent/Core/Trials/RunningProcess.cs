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

    /// <summary>This process in one word for each part, as <see cref="Find"/> reads it.</summary>
    public static string Self { get; } = This.ToString();

    /// <summary>True while the process runs; false also where the system does not tell.</summary>
    public bool IsAlive => Started.Length > 0 && BootId == MachineBoot.Id && FindStarted(Id) == Started;

    /// <summary>Tells whether the process that a text names still runs.</summary>
    /// <param name="text">From <see cref="Self"/>.</param>
    public static bool IsRunning(string text) => Find(text)?.IsAlive == true;

    /// <summary>Reads a process; null for any other text.</summary>
    /// <param name="text">From <see cref="Self"/>.</param>
    public static RunningProcess? Find(string text) => text.Split(' ') is [var boot, var number, var started]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new RunningProcess(id, started, boot)
            : null;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{BootId} {Id} {Started}");

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
