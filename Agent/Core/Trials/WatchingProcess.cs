using System.Globalization;

namespace ChunkOta.Agent;

/// <summary>Names processes of this machine so that no other one, not even after a boot, has the same name.</summary>
internal static class WatchingProcess
{
    /// <summary>This process.</summary>
    public static string Self { get; } = NameOf(Environment.ProcessId);

    /// <summary>Tells whether a process that was named before still runs.</summary>
    public static bool IsAlive(string name) => name.Split(' ') is [_, var number, _]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var process)
        && NameOf(process) == name;

    private static string NameOf(int process) =>
        string.Create(CultureInfo.InvariantCulture, $"{MachineBoot.Id} {process} {StartOf(process)}");

    /// <summary>When a process began, clock ticks since the boot; empty when it is gone.</summary>
    private static string StartOf(int process)
    {
        try
        {
            // The name of the program is the second field, in brackets, and may hold anything.
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            return text[(text.LastIndexOf(')') + 2)..].Split(' ') is [_, ..] fields && fields.Length > 19
                ? fields[19]
                : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
