using System.CommandLine;
using System.CommandLine.Parsing;

namespace ChunkOta.Agent.Cli;

/// <summary>What install and upgrade share.</summary>
internal abstract class UpdateVerb : Verb
{
    protected UpdateVerb(VerbContext context, string name, string description, params ReadOnlySpan<string> examples)
        : base(context, name, description, examples)
    {
        Add(Version);
        Add(Latest);
        Add(Channel);
        Add(DryRunOption);
        Add(KeepOption);
        Add(Link);
        Validators.Add(result =>
        {
            if (result.GetValue(Latest) && result.GetValue(Version) is not null)
                result.AddError("--latest and --version exclude each other");
        });
    }

    protected Option<string?> Version { get; } = new("--version")
    {
        Description = "This version instead of the channel's. Never one older than was current here before.",
        HelpName = "V",
    };

    protected Option<bool> Latest { get; } = new("--latest")
    {
        Description = "What the channel says. This is the default.",
    };

    protected Option<string?> Channel { get; } = new("--channel")
    {
        Description = "The channel to follow from now on. Else the one followed so far, else the token's.",
        HelpName = "NAME",
    };

    protected Option<bool> DryRunOption { get; } = DryRun();

    protected Option<int> KeepOption { get; } = Keep();

    protected Option<LinkMode> Link { get; } = new("--link")
    {
        Description = "How files that do not change are taken over. reflink: shared copy-on-write where the file system "
            + "can, else copied. hardlink: where it cannot, one file under two names, for releases that nobody "
            + "writes to: what is written to one release changes all.",
        HelpName = "reflink|hardlink",
        DefaultValueFactory = _ => LinkMode.Reflink,
        CustomParser = ParseLink,
    };

    /// <summary>Runs one update, with a line of progress where a person looks.</summary>
    protected async Task<UpdateResult> UpdateAsync(
        ParseResult parsed,
        Func<UpdateEngine, IProgress<UpdateProgress>, Task<UpdateResult>> update)
    {
        var progress = new ProgressLine(Terminal, Context.Clock, IsJson(parsed) || parsed.GetValue(DryRunOption));
        try
        {
            return await update(new UpdateEngine(Context.Common.ToAgentOptions(parsed), Context.Clock), progress);
        }
        finally
        {
            progress.Clear();
        }
    }

    private static LinkMode ParseLink(ArgumentResult result)
    {
        switch (result.Tokens[0].Value)
        {
            case "reflink":
                return LinkMode.Reflink;
            case "hardlink":
                return LinkMode.Hardlink;
            default:
                result.AddError("--link is reflink or hardlink");
                return default;
        }
    }
}
