using System.Runtime.CompilerServices;

namespace ChunkOta.Tests.Chunker.Hashing;

/// <summary>A fact that asks <c>b3sum</c>, the reference implementation's command; skipped aloud without it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class B3SumFactAttribute : FactAttribute
{
    public B3SumFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (FindB3Sum() is null)
            Skip = "b3sum is not installed (Debian: apt-get install b3sum)";
    }

    /// <summary>The path of the command, or null.</summary>
    internal static string? FindB3Sum() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "b3sum"))
            .FirstOrDefault(File.Exists);
}
