using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using ChunkOta.Protos;

namespace ChunkOta.Cli;

/// <summary>
/// A program from its arguments to its exit code: every failure becomes one line, or one JSON object.
/// </summary>
/// <param name="program">What users call it.</param>
/// <param name="root">Its command line.</param>
/// <param name="json">The option by which answers are JSON.</param>
/// <param name="interrupted">What to say where a signal ended the run: what has become of its work.</param>
public sealed class CommandRun(
    string program, RootCommand root, Option<bool> json, string interrupted)
{
    /// <summary>The time that a signal leaves the run to end cleanly.</summary>
    private static readonly TimeSpan TerminationPatience = TimeSpan.FromSeconds(10);

    /// <summary>Runs one command.</summary>
    /// <param name="args">As the system gave them.</param>
    /// <param name="output">Gets answers.</param>
    /// <param name="error">Gets failures of a run without JSON.</param>
    /// <returns>The exit code that <c>docs/errors.md</c> lists.</returns>
    public async Task<int> RunAsync(
        string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        NameLookup.UseWhatIsLinkedIn();
        HelpWithExamples.Install(root);
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var isJson = parsed.Action is not HelpAction && parsed.GetResult(json) is { Implicit: false };
        try
        {
            if (parsed.Action is ParseErrorAction)
                throw new ChunkOtaException(ErrorCodes.Usage, UsageMessage(parsed));
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = TerminationPatience,
                    Output = output,
                    Error = error,
                },
                cancellationToken);
        }
        catch (Exception e)
        {
            var failure = KnownFailure.Of(e, interrupted);
            if (isJson)
                output.WriteLine(ErrorReport.Of(failure).ToJson());
            else
                WriteFor(error, failure);
            return ExitCodes.Of(failure.Code);
        }
    }

    private static void WriteFor(TextWriter error, ChunkOtaException failure)
    {
        error.WriteLine($"error {failure.Code}: {OneLine.Of(failure.Message)}");
        if (ErrorFacts.Of(failure.Code).Hint is { } hint) error.WriteLine($"hint: {hint}");
    }

    private string UsageMessage(ParseResult parsed)
    {
        var what = parsed.UnmatchedTokens is [var unknown, ..]
            ? $"there is no command or option '{unknown}' here"
            : parsed.Errors[0].Message.TrimEnd('.');
        return $"{what} (see '{PathOf(parsed.CommandResult)} --help')";
    }

    /// <summary>The words that lead to a command: <c>ota-admin tokens create</c>.</summary>
    private string PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : program;
}
