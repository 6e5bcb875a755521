using System.CommandLine;

namespace ChunkOta.Cli;

/// <summary><c>completion</c>: the script by which a shell completes the program's command lines.</summary>
internal sealed class CompletionVerb : Verb
{
    private readonly ProgramDescription _program;
    private readonly RootCommand _root;

    private readonly Argument<string> _shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." }
        .OneOf("bash", "zsh", "fish");

    public CompletionVerb(VerbContext context, ProgramDescription program, RootCommand root)
        : base(context, "completion", "Prints a completion script for a shell.",
            "# bash, for this user:",
            $"{program.Name} completion bash > ~/.local/share/bash-completion/completions/{program.Name}",
            "# zsh, in a folder of $fpath:",
            $"{program.Name} completion zsh > /usr/local/share/zsh/site-functions/_{program.Name}",
            "# fish:",
            $"{program.Name} completion fish > ~/.config/fish/completions/{program.Name}.fish")
    {
        (_program, _root) = (program, root);
        Add(_shell);
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var tree = CompletionTree.Of(CommandPath.OfRoot(_program.Name, _root));
        Terminal.Out.Write(parsed.GetRequiredValue(_shell) switch
        {
            "bash" => BashScript.Of(tree),
            "zsh" => ZshScript.Of(tree),
            _ => FishScript.Of(tree),
        });
        return Task.FromResult(0);
    }
}
