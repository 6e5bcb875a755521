using System.Runtime.CompilerServices;

namespace ChunkOta.Tests.Support;

/// <summary>A theory that needs installed programs; it is skipped if one is missing, and names it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TheoryIfInstalledAttribute : TheoryAttribute
{
    /// <param name="programs">Their names, separated by spaces.</param>
    public TheoryIfInstalledAttribute(
        string programs, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = FactIfInstalledAttribute.ReasonToSkip(programs);
}
