using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary>The options and the run that install and upgrade share.</summary>
internal abstract class UpdateVerb : AgentVerb
{
    protected UpdateVerb(AgentContext context, string name, string description, params ReadOnlySpan<string> examples)
        : base(context, name, description, examples)
    {
        Add(Version);
        Add(Latest);
        Add(Channel);
        Add(DryRunOption);
        Add(KeepOption);
        Add(Link);
        Add(VerifyOption);
        Add(ProgressOption);
        Validators.Add(result =>
        {
            if (result.GetValue(Latest) && result.GetValue(Version) is not null)
                result.AddError("--latest and --version exclude each other");
        });
    }

    protected override bool IsChange => true;

    protected Option<string?> Version { get; } = new("--version")
    {
        Description = "Install this version instead of the channel's. Never one older than was current here before.",
        HelpName = "V",
    };

    protected Option<bool> Latest { get; } = new("--latest")
    {
        Description = "Install the version that the channel names. This is the default.",
    };

    protected Option<string?> Channel { get; } = new("--channel")
    {
        Description = "The channel to follow from now on. Default: the one followed so far, else the token's.",
        HelpName = "NAME",
    };

    protected Option<bool> DryRunOption { get; } = DryRun();

    protected Option<int> KeepOption { get; } = Keep();

    protected Option<LinkMode> Link { get; } = new Option<LinkMode>("--link")
    {
        Description = "How unchanged files are taken over. reflink: share them copy-on-write where the file system "
            + "can, else copy them. hardlink: where it cannot, share one file under two names. Use hardlink only "
            + "if nothing writes to installed files: a write to one release changes the others. Default: the setting "
            + "Products:NAME:Link, else reflink.",
        CustomParser = result => LinkModeWords.Find(result.Tokens[0].Value) ?? default,
    }.OneOf("reflink", "hardlink");

    protected Option<bool> VerifyOption { get; } = new("--verify")
    {
        Description = "If the release is current already, hash every file of it, not only those that look changed. "
            + "Damage is repaired in either case.",
    };

    protected Option<string> ProgressOption { get; } = new Option<string>("--progress")
    {
        Description = "How progress is shown on standard error. line: one moving line, on a terminal. json: a JSON "
            + "object a line, at most one a second, with stage, bytes, rate, time left and the cause of a wait.",
        DefaultValueFactory = _ => "line",
    }.OneOf("line", "json");

    /// <summary>Runs one update, with its progress as it was asked for.</summary>
    protected async Task<UpdateResult> UpdateAsync(
        ParseResult parsed,
        Func<UpdateAgent, IProgress<UpdateProgress>, Task<UpdateResult>> update)
    {
        if (parsed.GetValue(ProgressOption) == "json")
            return await update(OpenAgent(parsed), new ProgressJson(Terminal, Clock));
        var progress = new ProgressLine(Notes(parsed), Clock, IsJson(parsed), parsed.GetValue(DryRunOption));
        try
        {
            return await update(OpenAgent(parsed), progress);
        }
        finally
        {
            progress.Clear();
        }
    }

    /// <summary>The exit code of a result: that of the failure that a dry run foresees.</summary>
    protected static int ExitCodeOf(UpdateResult result) =>
        result.Shortage is { } shortage ? ExitCodes.Of(shortage.Code) : ExitCodes.Success;
}
