using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ChunkOta.Cli;

/// <summary>A command whose help shows how it is used.</summary>
internal interface IWithExamples
{
    /// <summary>Whole command lines; a line that starts with <c>#</c> explains the next.</summary>
    IReadOnlyList<string> Examples { get; }
}

/// <summary>The usual help, and below it the command's examples.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <summary>Gives the help option of a command line this help.</summary>
    public static void Install(RootCommand root)
    {
        foreach (var option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction usual } help)
                help.Action = new HelpWithExamples(usual);
        }
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is IWithExamples { Examples: { Count: > 0 } examples })
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var line in examples)
                output.WriteLine($"  {line}");
            output.WriteLine();
        }

        return code;
    }
}
