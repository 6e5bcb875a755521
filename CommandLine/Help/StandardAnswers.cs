using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ChunkOta.Cli;

/// <summary>Answers <c>--help</c> and <c>--version</c> in this product's way.</summary>
internal static class StandardAnswers
{
    /// <summary>Gives the help and version options of a command line these answers.</summary>
    public static void Install(RootCommand root, ProgramDescription program)
    {
        foreach (var option in root.Options)
        {
            switch (option)
            {
                case HelpOption help:
                    help.Description = "Show help.";
                    help.Aliases.Remove("-?");
                    help.Aliases.Remove("/h");
                    help.Aliases.Remove("/?");
                    help.Action = new Answer(parsed => HelpPage.Of(
                        program, CommandPath.Of(program.Name, parsed.CommandResult)).Write(TerminalWidth.ForHelp()));
                    break;
                case VersionOption version:
                    version.Description = "Show the version.";
                    version.Action = new Answer(_ => program.VersionLine);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Prints a text, whatever else is on the command line.</summary>
    internal sealed class Answer(Func<ParseResult, string> text) : SynchronousCommandLineAction
    {
        /// <inheritdoc/>
        public override bool ClearsParseErrors => true;

        /// <inheritdoc/>
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(text(parseResult).TrimEnd());
            return 0;
        }
    }
}
