using System.Text;

namespace ChunkOta.Cli;

/// <summary>The completion script for bash.</summary>
internal static class BashScript
{
    public static string Of(CompletionTree tree)
    {
        var text = new StringBuilder();
        text.Append($$"""
            # bash completion for {{tree.Program}}, made by '{{tree.Program}} completion bash'
            {{tree.Function}}() {
                local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= words= options= i
                COMPREPLY=()
                for ((i = 1; i < COMP_CWORD; i++)); do
                    case "$verb/${COMP_WORDS[i]}" in
                        {{string.Join('|', ShellWords.PathsBelow(tree))}}) verb=$verb/${COMP_WORDS[i]} ;;
                    esac
                done
                if [[ $cur == = ]]; then cur=
                elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
                case "$verb $prev" in

            """);
        foreach (var (pattern, option) in ShellWords.Valued(tree))
        {
            if (option.Values.Count > 0)
                text.AppendLine($"        {pattern}) words='{string.Join(' ', option.Values)}' ;;");
            else if (option.TakesPath)
                text.AppendLine($"        {pattern}) compopt -o filenames; COMPREPLY=($(compgen -f -- \"${{cur#@}}\"));"
                    + " return ;;");
            else
                text.AppendLine($"        {pattern}) return ;;");
        }

        text.Append("""
                esac
                if [[ -z $words ]]; then
                    case "$verb" in

            """);
        foreach (var command in tree.Commands)
        {
            var words = command.Children.Select(child => child.Name).Concat(command.Words);
            text.AppendLine($"            '{command.Path}') words='{string.Join(' ', words)}' "
                + $"options='{string.Join(' ', ShellWords.Options(tree, command))}' ;;");
        }

        text.Append($$"""
                    esac
                    if [[ $cur == -* ]]; then words=$options; fi
                fi
                COMPREPLY=($(compgen -W "$words" -- "$cur"))
            }
            complete -o default -F {{tree.Function}} {{tree.Program}}

            """);
        return text.ToString();
    }
}
