using System.Runtime.CompilerServices;

namespace ChunkOta.Tests.Support;

/// <summary>A fact that needs programs of this machine; where one is missing it is skipped, and says which.</summary>
/// <remarks>CI fails when a test is skipped, so a missing program cannot hide there.</remarks>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactIfInstalledAttribute : FactAttribute
{
    /// <param name="programs">Their names, separated by spaces.</param>
    public FactIfInstalledAttribute(
        string programs, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries);
        var missing = programs.Split(' ')
            .Where(program => !folders.Any(folder => File.Exists(Path.Combine(folder, program)))).ToArray();
        if (missing.Length > 0) Skip = $"not installed: {string.Join(", ", missing)} (eng/packages.sh test)";
    }
}
