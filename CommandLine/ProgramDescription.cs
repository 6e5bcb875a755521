using System.Reflection;

namespace ChunkOta.Cli;

/// <summary>The description that a program gives of itself.</summary>
/// <param name="Name">What users call it.</param>
/// <param name="Interrupted">What to say where a signal ended the run: what has become of its work.</param>
public sealed record ProgramDescription(string Name, string Interrupted)
{
    private const int CommitDigits = 12;

    /// <summary>The line of <c>--version</c>; it begins with the program's name.</summary>
    public Func<string>? Version { get; init; }

    /// <summary>The section of its manual page: 1 for commands, 8 for what administrators run.</summary>
    public int ManualSection { get; init; } = 1;

    /// <summary>The variables that it reads, with their meaning.</summary>
    public IReadOnlyList<(string Name, string Text)> Environment { get; init; } = [];

    /// <summary>The files that it reads or writes, with their meaning.</summary>
    public IReadOnlyList<(string Name, string Text)> Files { get; init; } = [];

    /// <summary>The time that a signal leaves the run to end cleanly; null if the run handles signals itself.</summary>
    public TimeSpan? TerminationPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The line of <c>--version</c>.</summary>
    internal string VersionLine => Version?.Invoke() ?? $"{Name} {BuildVersion()}";

    /// <summary>The number of this build and the commit that it was made from.</summary>
    private static string BuildVersion()
    {
        var text = typeof(ProgramDescription).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion;
        return text.Split('+') is [var number, { Length: > CommitDigits } commit]
            ? $"{number} (commit {commit[..CommitDigits]})"
            : text;
    }
}
