using System.CommandLine;

namespace ChunkOta.Cli;

/// <summary>The options that all programs take with every verb.</summary>
public class CommonOptions
{
    /// <summary>Answers for programs.</summary>
    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Answer with one JSON object on standard output.",
        Recursive = true,
    };

    /// <summary>Adds the options to a command line, the program's own first.</summary>
    public void AddTo(RootCommand root)
    {
        AddOwnTo(root);
        root.Add(Json);
    }

    /// <summary>Adds the program's own options.</summary>
    protected virtual void AddOwnTo(RootCommand root)
    {
    }

    /// <summary>The value of an environment variable; null where it is unset or empty.</summary>
    public static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
