using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary>ota-agent from its arguments to its exit code: every failure becomes one line, or one JSON object.</summary>
internal static class AgentProgram
{
    /// <summary>How long a signal waits for the run to come to a clean end.</summary>
    private static readonly TimeSpan TerminationPatience = TimeSpan.FromSeconds(10);

    /// <summary>Runs one command.</summary>
    /// <returns>The exit code that <c>docs/agent.md</c> lists.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellation)
    {
        var common = new CommonOptions();
        var parsed = Build(common, terminal).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var isJson = parsed.Action is not HelpAction && parsed.GetResult(common.Json) is { Implicit: false };
        try
        {
            if (parsed.Action is ParseErrorAction)
                throw new ChunkOtaException(ErrorCodes.Usage, UsageMessage(parsed));
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = TerminationPatience,
                    Output = terminal.Out,
                    Error = terminal.Error,
                },
                cancellation);
        }
        catch (Exception e)
        {
            return Fail(terminal, isJson, e);
        }
    }

    /// <summary>The whole command line.</summary>
    internal static RootCommand Build(CommonOptions common, Terminal terminal)
    {
        var context = new VerbContext(common, terminal, TimeProvider.System);
        var root = new RootCommand("Installs and upgrades products from ChunkOta servers.")
        {
            new Install(context),
            new Upgrade(context),
            new Revert(context),
            new List(context),
            new Show(context),
            new Status(context),
            new Verify(context),
            new Prune(context),
            new SelfTest(context),
        };
        root.Directives.Clear();
        common.AddTo(root);
        HelpWithExamples.Install(root);
        return root;
    }

    private static string UsageMessage(ParseResult parsed)
    {
        var path = string.Join(' ', HelpWithExamples.PathOf(parsed.CommandResult));
        var what = parsed.UnmatchedTokens is [var unknown, ..]
            ? $"there is no command or option '{unknown}' here"
            : parsed.Errors[0].Message.TrimEnd('.');
        return $"{what} (see '{path} --help')";
    }

    private static int Fail(Terminal terminal, bool isJson, Exception failure)
    {
        var known = Failures.Known(failure);
        if (isJson)
            terminal.Out.WriteLine(ErrorReport.Of(known).ToJson());
        else
            terminal.Error.WriteLine($"error {known.Code}: {OneLine.Of(known.Message)}");
        return ExitCodes.Of(known.Code);
    }
}
