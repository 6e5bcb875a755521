using System.Runtime.CompilerServices;

namespace ChunkOta.Tests.Support;

/// <summary>A fact that needs installed programs; it is skipped if one is missing, and names it.</summary>
/// <remarks>CI fails when a test is skipped, so a missing program cannot hide there.</remarks>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactIfInstalledAttribute : FactAttribute
{
    /// <param name="programs">Their names, separated by spaces.</param>
    public FactIfInstalledAttribute(
        string programs, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = ReasonToSkip(programs);

    /// <summary>What to skip a test for: the programs that are missing; null if all are installed.</summary>
    public static string? ReasonToSkip(string programs)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries);
        var missing = programs.Split(' ')
            .Where(program => !folders.Any(folder => File.Exists(Path.Combine(folder, program)))).ToArray();
        return missing.Length > 0 ? $"not installed: {string.Join(", ", missing)} (eng/packages.sh test)" : null;
    }
}
