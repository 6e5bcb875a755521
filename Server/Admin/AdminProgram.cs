using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>ota-admin from its arguments to its exit code: every failure becomes one line, or one JSON object.</summary>
internal static class AdminProgram
{
    /// <summary>Runs one command.</summary>
    /// <returns>The exit code that <c>docs/errors.md</c> lists.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken)
    {
        var common = new CommonOptions();
        var parsed = Build(common, terminal).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var isJson = parsed.Action is not HelpAction && parsed.GetValue(common.Json);
        try
        {
            if (parsed.Action is ParseErrorAction)
                throw new ChunkOtaException(ErrorCodes.Usage, UsageMessage(parsed));
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
                    Output = terminal.Out,
                    Error = terminal.Error,
                },
                cancellationToken);
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
        var root = new RootCommand("Publishes releases to a ChunkOta server and looks after its products, tokens and channels.")
        {
            new VerbGroup("keys", "The keys that sign releases.") { new KeysInit(context) },
            new VerbGroup("products", "What is released.") { new ProductsCreate(context), new ProductsList(context) },
            new VerbGroup("tokens", "Who may do what.")
            {
                new TokensCreate(context), new TokensList(context), new TokensRevoke(context),
            },
            new Publish(context),
            new Channels(context) { new ChannelsRenew(context) },
            new Releases(context),
            new VerbGroup("anchors", "Releases that are pinned as known-good.")
            {
                new AnchorsAdd(context), new AnchorsRemove(context), new AnchorsList(context),
            },
            new Show(context),
            new Deltas(context),
            new Explain(context),
            new Stats(context),
            new Forecast(context),
        };
        common.AddTo(root);
        HelpWithExamples.Install(root);
        return root;
    }

    private static string UsageMessage(ParseResult parsed)
    {
        var path = string.Join(' ', HelpWithExamples.PathOf(parsed.CommandResult));
        return $"{parsed.Errors[0].Message.TrimEnd('.')} (see '{path} --help')";
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
