using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary>ota-admin from its arguments to its exit code: every failure becomes one line, or one JSON object.</summary>
internal static class AdminProgram
{
    /// <summary>Runs one command.</summary>
    /// <returns>The exit code that <c>docs/errors.md</c> lists.</returns>
    public static Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken)
    {
        var common = new ServerOptions();
        return new CommandRun("ota-admin", Build(common, terminal), common.Json,
            "interrupted: what was stored stays stored; run the same command again to go on")
            .RunAsync(args, terminal.Out, terminal.Error, cancellationToken);
    }

    /// <summary>The whole command line.</summary>
    internal static RootCommand Build(ServerOptions common, Terminal terminal)
    {
        var context = new AdminContext(common, terminal, TimeProvider.System);
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
        return root;
    }
}
