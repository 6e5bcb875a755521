using System.Text;

namespace ChunkOta.Cli;

/// <summary>The completion script for fish.</summary>
internal static class FishScript
{
    public static string Of(CompletionTree tree)
    {
        var at = $"_{tree.Function}_at";
        var text = new StringBuilder();
        text.Append($$"""
            # fish completion for {{tree.Program}}, made by '{{tree.Program}} completion fish'
            function {{at}}
                set -l verb ''
                for word in (commandline -opc)[2..-1]
                    switch "$verb/$word"
                        case {{string.Join(' ', ShellWords.PathsBelow(tree))}}
                            set verb "$verb/$word"
                    end
                end
                test "$verb" = "$argv[1]"
            end

            """);
        foreach (var command in tree.Commands)
        {
            var when = $"complete -c {tree.Program} -n '{at} \"{command.Path}\"'";
            foreach (var (name, description) in command.Children)
                text.AppendLine($"{when} -f -a {name} -d '{description}'");
            if (command.Words.Count > 0)
                text.AppendLine($"{when} -f -a '{string.Join(' ', command.Words)}'");
            foreach (var option in command.Options) text.AppendLine($"{when} {Option(option)}");
        }

        foreach (var option in tree.Global) text.AppendLine($"complete -c {tree.Program} {Option(option)}");
        return text.ToString();
    }

    private static string Option(CompletedOption option)
    {
        var names = option.Names.Select(name =>
            name.StartsWith("--", StringComparison.Ordinal) ? $"-l {name[2..]}" : $"-s {name[1..]}");
        var value = option.Values.Count > 0 ? $" -x -a '{string.Join(' ', option.Values)}'"
            : option.TakesPath ? " -r -F"
            : option.TakesValue ? " -x"
            : "";
        return $"{string.Join(' ', names)}{value} -d '{option.Text}'";
    }
}
