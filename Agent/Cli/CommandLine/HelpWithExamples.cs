using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace ChunkOta.Agent.Cli;

/// <summary>The usual help, and below it the command's examples.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <summary>Gives the help option of a command line this help.</summary>
    public static void Install(RootCommand root)
    {
        foreach (var help in root.Options.OfType<HelpOption>())
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    /// <summary>The words that lead to a command: <c>ota-agent install</c>.</summary>
    public static IEnumerable<string> PathOf(CommandResult command)
    {
        var parents = command.Parent is CommandResult parent ? PathOf(parent) : [];
        return parents.Append(command.Command is RootCommand ? "ota-agent" : command.Command.Name);
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is Verb { Examples: { Count: > 0 } examples })
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
