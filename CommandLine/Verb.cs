using System.CommandLine;

namespace ChunkOta.Cli;

/// <summary>The arguments that every verb is constructed with.</summary>
/// <param name="Common">The options that all verbs share.</param>
/// <param name="Terminal">Where it reads and writes.</param>
/// <param name="Clock">The time of day.</param>
public record VerbContext(CommonOptions Common, Terminal Terminal, TimeProvider Clock);

/// <summary>A command that does something: what it takes, what it does, how it is used.</summary>
public abstract class Verb : Command, IWithExamples
{
    private readonly VerbContext _context;

    /// <summary>A verb with its help.</summary>
    /// <param name="context">The arguments that every verb is constructed with.</param>
    /// <param name="name">The word on the command line.</param>
    /// <param name="description">One sentence for <c>--help</c>.</param>
    /// <param name="examples">Whole command lines for <c>--help</c>.</param>
    protected Verb(VerbContext context, string name, string description, params ReadOnlySpan<string> examples)
        : base(name, description)
    {
        _context = context;
        Examples = examples.ToArray();
        SetAction(RunAsync);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>True for a verb that changes something: its exit code tells whether it did, even if its answer cannot
    /// be written.</summary>
    protected internal virtual bool IsChange => false;

    /// <summary>True for a verb that decides itself how signals end it.</summary>
    protected internal virtual bool HasOwnSignals => false;

    /// <summary>The streams that the verb reads and writes.</summary>
    protected Terminal Terminal => _context.Terminal;

    /// <summary>The time of day.</summary>
    protected TimeProvider Clock => _context.Clock;

    /// <summary>Carries the command out. Whatever goes wrong is thrown.</summary>
    /// <returns>The exit code.</returns>
    protected abstract Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken);

    /// <summary>The answer is to be one JSON object.</summary>
    protected bool IsJson(ParseResult parsed) => parsed.GetValue(_context.Common.Json);
}
