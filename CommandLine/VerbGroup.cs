using System.CommandLine;

namespace ChunkOta.Cli;

/// <summary>A command whose help shows how it is used.</summary>
internal interface IWithExamples
{
    /// <summary>Whole command lines; a line that starts with <c>#</c> explains the next.</summary>
    IReadOnlyList<string> Examples { get; }
}

/// <summary>A command that only holds others.</summary>
public sealed class VerbGroup(string name, string description) : Command(name, description);
