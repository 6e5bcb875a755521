using System.CommandLine;

namespace ChunkOta.Cli;

/// <summary>The options of a program that talks to a server; each program adds its own.</summary>
/// <param name="plaintextCost">What <c>--plaintext</c> gives away, for its help.</param>
/// <param name="caSources">Where the file comes from otherwise, for the help of <c>--ca</c>.</param>
public abstract class ClientOptions(string plaintextCost, string caSources = "") : CommonOptions
{
    /// <summary>A file of certificate authorities.</summary>
    public Option<string?> Ca { get; } = new("--ca")
    {
        Description = "Trust only the certificates in this PEM file: an authority's, or the server's own."
            + caSources,
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>Cleartext beyond this machine.</summary>
    public Option<bool> Plaintext { get; } = new("--plaintext")
    {
        Description = $"Allow http:// to another machine: {plaintextCost}.",
        Recursive = true,
    };

    /// <summary>No progress.</summary>
    public Option<bool> Quiet { get; } = new("--quiet", "-q")
    {
        Description = "Print nothing but failures on standard error; the same as --log-level error.",
        Recursive = true,
    };

    /// <summary>Each call.</summary>
    public Option<bool> Verbose { get; } = new("--verbose", "-v")
    {
        Description = "Print each call to the server on standard error; the same as --log-level debug.",
        Recursive = true,
    };

    /// <summary>The amount of diagnostics.</summary>
    public Option<string> LogLevel { get; } = new Option<string>("--log-level")
    {
        Description = "How much to print on standard error.",
        Recursive = true,
        DefaultValueFactory = _ => "info",
    }.OneOf("error", "info", "debug");

    /// <summary>The diagnostics that the options choose.</summary>
    public Diagnostics Diagnostics(ParseResult parsed, Terminal terminal)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        ArgumentNullException.ThrowIfNull(terminal);
        var level = parsed.GetValue(LogLevel) switch
        {
            "debug" => DetailLevel.Debug,
            "error" => DetailLevel.Error,
            _ => DetailLevel.Info,
        };
        if (parsed.GetValue(Quiet)) level = DetailLevel.Error;
        if (parsed.GetValue(Verbose)) level = DetailLevel.Debug;
        return new Diagnostics(terminal.Error, level);
    }

    /// <inheritdoc/>
    protected override void AddOwnTo(RootCommand root)
    {
        root.Add(Ca);
        root.Add(Plaintext);
        root.Add(Quiet);
        root.Add(Verbose);
        root.Add(LogLevel);
    }
}
