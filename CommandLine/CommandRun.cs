using System.CommandLine;
using System.Runtime.InteropServices;
using ChunkOta.Protos;

namespace ChunkOta.Cli;

/// <summary>
/// A program from its arguments to its exit code: every failure becomes one line, or one JSON object.
/// </summary>
/// <param name="program">What it says about itself.</param>
/// <param name="root">Its command line.</param>
/// <param name="common">The options that every verb takes.</param>
public sealed class CommandRun(ProgramDescription program, RootCommand root, CommonOptions common)
{
    /// <summary>Runs one command.</summary>
    /// <param name="args">As the system gave them.</param>
    /// <param name="output">Gets answers.</param>
    /// <param name="error">Gets failures of a run without JSON.</param>
    /// <returns>The exit code that <c>docs/errors.md</c> lists.</returns>
    public async Task<int> RunAsync(
        string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        // The session that started a command may end before the command: that must not stop it half-way.
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true);
        NameLookup.UseWhatIsLinkedIn();
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var isAnswered = parsed.Action is StandardAnswers.Answer;
        var isJson = !isAnswered && parsed.GetResult(common.Json) is { Implicit: false };
        try
        {
            if (!isAnswered && FindFault(parsed, args) is { } fault)
                throw new ChunkOtaException(ErrorCodes.Usage, fault);
            var hasOwnSignals = parsed.CommandResult.Command is Verb { HasOwnSignals: true };
            var code = await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = hasOwnSignals ? null : program.TerminationPatience,
                    Output = output,
                    Error = error,
                },
                cancellationToken);
            return AfterAnswer(parsed, code, output, error);
        }
        catch (Exception e)
        {
            var failure = WithoutSecrets(KnownFailure.Of(e, program.Interrupted));
            if (isJson)
                output.WriteLine(ErrorReport.Of(failure).ToJson());
            if (!isJson || FailureOf(output) is not null)
                Terminal.WriteFailure(error, failure);
            return ExitCodes.Of(failure.Code);
        }
    }

    private static ChunkOtaException WithoutSecrets(ChunkOtaException failure)
    {
        var message = Redacted.Of(failure.Message);
        return message == failure.Message
            ? failure
            : new ChunkOtaException(failure.Code, message, failure) { Hint = failure.Hint };
    }

    /// <summary>Returns the exit code after an answer that perhaps could not be written: a command that changed
    /// something exits by the change; for any other the answer is the result.</summary>
    private static int AfterAnswer(ParseResult parsed, int code, TextWriter output, TextWriter error)
    {
        if (FailureOf(output) is not { } reason)
            return code;
        var failure = new ChunkOtaException(
            ErrorCodes.IoError, $"the answer could not be written to standard output: {reason}");
        if (parsed.CommandResult.Command is Verb { IsChange: true })
        {
            error.WriteLine($"warning: {failure.Message}");
            return code;
        }
        Terminal.WriteFailure(error, failure);
        return code == 0 ? ExitCodes.Of(failure.Code) : code;
    }

    private static string? FailureOf(TextWriter output) => (output as StandardStream)?.Failure;

    private string? FindFault(ParseResult parsed, string[] args)
    {
        var path = CommandPath.Of(program.Name, parsed.CommandResult);
        return UsageFault.Find(path, parsed, args) is { } fault ? $"{fault} (see '{path.Words} --help')" : null;
    }
}
