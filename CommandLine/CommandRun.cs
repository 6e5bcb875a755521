using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using ChunkOta.Protos;

namespace ChunkOta.Cli;

/// <summary>A program from its arguments to its exit code: every failure becomes one line, or one JSON object.</summary>
/// <param name="program">What users call it.</param>
/// <param name="root">Its command line.</param>
/// <param name="json">The option by which answers are JSON.</param>
/// <param name="known">Gives a failure its stable code.</param>
internal sealed class CommandRun(
    string program, RootCommand root, Option<bool> json, Func<Exception, ChunkOtaException> known)
{
    /// <summary>How long a signal waits for the run to come to a clean end.</summary>
    private static readonly TimeSpan TerminationPatience = TimeSpan.FromSeconds(10);

    /// <summary>Runs one command.</summary>
    /// <param name="args">As the system gave them.</param>
    /// <param name="output">Gets answers.</param>
    /// <param name="error">Gets failures of a run without JSON.</param>
    /// <param name="cancellation">Ends it, as a signal does.</param>
    /// <returns>The exit code that <c>docs/errors.md</c> lists.</returns>
    public async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellation)
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
                cancellation);
        }
        catch (Exception e)
        {
            var failure = known(e);
            if (isJson)
                output.WriteLine(ErrorReport.Of(failure).ToJson());
            else
                error.WriteLine($"error {failure.Code}: {OneLine.Of(failure.Message)}");
            return ExitCodes.Of(failure.Code);
        }
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
