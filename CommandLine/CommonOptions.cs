using System.CommandLine;

namespace ChunkOta.Cli;

/// <summary>The options that the programs take with every verb; each program adds its own.</summary>
/// <param name="plaintextCost">What <c>--plaintext</c> gives away, for its help.</param>
public abstract class CommonOptions(string plaintextCost)
{
    /// <summary>A file of certificate authorities.</summary>
    public Option<string?> Ca { get; } = new("--ca")
    {
        Description = "Trust only the certificates in this PEM file: an authority's, or the server's own.",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>Cleartext beyond this machine.</summary>
    public Option<bool> Plaintext { get; } = new("--plaintext")
    {
        Description = $"Allow http:// to another machine: {plaintextCost}.",
        Recursive = true,
    };

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
        root.Add(Ca);
        root.Add(Plaintext);
        root.Add(Json);
    }

    /// <summary>Adds the program's own options.</summary>
    protected abstract void AddOwnTo(RootCommand root);

    /// <summary>The value of an environment variable; null where it is unset or empty.</summary>
    public static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
