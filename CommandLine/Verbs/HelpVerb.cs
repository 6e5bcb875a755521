using System.CommandLine;

namespace ChunkOta.Cli;

/// <summary><c>help</c>: the help of the program, of a command or of the global options.</summary>
internal sealed class HelpVerb : Verb
{
    private const string OptionsTopic = "options";

    private readonly ProgramDescription _program;
    private readonly RootCommand _root;

    private readonly Argument<string[]> _command = new("COMMAND")
    {
        Description = "The command, such as one of those below; 'options' for the options that all commands take.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public HelpVerb(VerbContext context, ProgramDescription program, RootCommand root)
        : base(context, "help", "Shows the help of a command.",
            $"{program.Name} help", $"{program.Name} help options")
    {
        (_program, _root) = (program, root);
        Add(_command);
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var path = CommandPath.OfRoot(_program.Name, _root);
        var width = TerminalWidth.ForHelp();
        string[] words = parsed.GetValue(_command) ?? [];
        var text = words is [OptionsTopic]
            ? HelpPage.Of(_program, path).WriteGlobal(width)
            : HelpPage.Of(_program, Find(path, words)).Write(width);
        Terminal.Out.WriteLine(text.TrimEnd());
        return Task.FromResult(0);
    }

    private CommandPath Find(CommandPath path, ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            path = path.Children.FirstOrDefault(child => child.Command.Name == word)
                ?? throw new ChunkOtaException(ErrorCodes.Usage,
                    Suggestions.Unknown("command", word, path.Children.Select(child => child.Command.Name))
                    + $" (see '{_program.Name} help')");
        }

        return path;
    }
}
