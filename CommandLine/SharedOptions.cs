using System.CommandLine;

namespace ChunkOta.Cli;

/// <summary>The options that both programs take with every verb.</summary>
internal static class SharedOptions
{
    /// <summary>A file of certificate authorities.</summary>
    public static Option<string?> Ca() => new("--ca")
    {
        Description = "Believe the certificates of this PEM file (an authority's, or the server's own) and no others.",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>Cleartext beyond this machine.</summary>
    /// <param name="cost">What that gives away.</param>
    public static Option<bool> Plaintext(string cost) => new("--plaintext")
    {
        Description = $"Allow http:// to another machine: {cost}.",
        Recursive = true,
    };

    /// <summary>Answers for programs.</summary>
    public static Option<bool> Json() => new("--json")
    {
        Description = "Answer with one JSON object on standard output.",
        Recursive = true,
    };

    /// <summary>An environment variable that is not empty.</summary>
    public static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
