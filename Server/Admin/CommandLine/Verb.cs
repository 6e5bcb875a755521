using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary>What every verb is given: the options that all share, where to write, and the clock.</summary>
/// <param name="Common">The shared options.</param>
/// <param name="Terminal">Standard output and error.</param>
/// <param name="Clock">The time of day.</param>
internal sealed record VerbContext(CommonOptions Common, Terminal Terminal, TimeProvider Clock);

/// <summary>A command that does something: what it takes, what it does, how it is used.</summary>
internal abstract class Verb : Command, IWithExamples
{
    protected Verb(VerbContext context, string name, string description, params ReadOnlySpan<string> examples)
        : base(name, description)
    {
        Context = context;
        Examples = examples.ToArray();
        SetAction(async (parsed, cancellationToken) =>
        {
            await RunAsync(parsed, cancellationToken);
            return 0;
        });
    }

    public IReadOnlyList<string> Examples { get; }

    protected VerbContext Context { get; }

    protected Terminal Terminal => Context.Terminal;

    /// <summary>Does it. Whatever goes wrong is thrown.</summary>
    protected abstract Task RunAsync(ParseResult parsed, CancellationToken cancellationToken);

    protected bool IsJson(ParseResult parsed) => parsed.GetValue(Context.Common.Json);

    protected Session OpenSession(ParseResult parsed) => Session.Open(Context.Common, parsed);
}

/// <summary>A command that only holds others.</summary>
internal sealed class VerbGroup(string name, string description) : Command(name, description);
