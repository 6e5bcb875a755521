using System.CommandLine;
using System.CommandLine.Parsing;

namespace ChunkOta.Cli;

/// <summary>A command and the words that lead to it.</summary>
/// <param name="Words">Such as <c>ota-admin tokens create</c>.</param>
/// <param name="Command">The command.</param>
/// <param name="Root">The program's root, which holds the global options.</param>
internal sealed record CommandPath(string Words, Command Command, RootCommand Root)
{
    /// <summary>The path of a parsed command.</summary>
    /// <param name="program">What users call the program.</param>
    /// <param name="parsed">Where the parser ended.</param>
    public static CommandPath Of(string program, CommandResult parsed)
    {
        if (parsed.Parent is not CommandResult parent)
            return new CommandPath(program, parsed.Command, (RootCommand)parsed.Command);
        return Of(program, parent).Below(parsed.Command);
    }

    /// <summary>The path of the root.</summary>
    public static CommandPath OfRoot(string program, RootCommand root) => new(program, root, root);

    /// <summary>The path of a command of this one.</summary>
    public CommandPath Below(Command command) => new($"{Words} {command.Name}", command, Root);

    /// <summary>The words after the program's name; empty for the root.</summary>
    public string Verb => Words.IndexOf(' ') is > 0 and var space ? Words[(space + 1)..] : "";

    /// <summary>The command is the program itself.</summary>
    public bool IsRoot => ReferenceEquals(Command, Root);

    /// <summary>The commands below, as help lists them.</summary>
    public IEnumerable<CommandPath> Children =>
        Command.Subcommands.Where(command => !command.Hidden).Select(Below);

    /// <summary>This path and all below.</summary>
    public IEnumerable<CommandPath> All => Children.SelectMany(child => child.All).Prepend(this);

    /// <summary>The command's own options; of the root, those that it shares with nobody.</summary>
    public IEnumerable<Option> OwnOptions => IsRoot ? [] : Command.Options.Where(option => !option.Hidden);

    /// <summary>The options that every command takes.</summary>
    public IEnumerable<Option> GlobalOptions => Root.Options.Where(option => !option.Hidden);

    /// <summary>All names that an option can have here.</summary>
    public IEnumerable<string> OptionNames => OwnOptions.Concat(GlobalOptions)
        .SelectMany(option => option.Aliases.Append(option.Name));

    /// <summary>The line of usage: what is typed, and in which order.</summary>
    public IEnumerable<string> Usages
    {
        get
        {
            if (Command.Subcommands.Any(command => !command.Hidden))
                yield return $"{Words} COMMAND";
            if (Command is not (RootCommand or VerbGroup))
            {
                var words = Command.Arguments.Select(OptionText.Usage)
                    .Concat(OwnOptions.Where(option => option.Required && !option.HasDefaultValue)
                        .Select(OptionText.Assignment))
                    .Append("[options]");
                yield return $"{Words} {string.Join(' ', words)}";
            }
        }
    }
}
