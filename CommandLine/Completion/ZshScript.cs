using System.Text;

namespace ChunkOta.Cli;

/// <summary>The completion script for zsh.</summary>
internal static class ZshScript
{
    public static string Of(CompletionTree tree)
    {
        var text = new StringBuilder();
        text.Append($$"""
            #compdef {{tree.Program}}
            # made by '{{tree.Program}} completion zsh'
            _{{tree.Program}}() {
                local verb= prev=${words[CURRENT-1]} i
                local -a commands options
                for ((i = 2; i < CURRENT; i++)); do
                    case "$verb/${words[i]}" in
                        {{string.Join('|', ShellWords.PathsBelow(tree))}}) verb=$verb/${words[i]} ;;
                    esac
                done
                case "$verb $prev" in

            """);
        foreach (var (pattern, option) in ShellWords.Valued(tree))
        {
            text.AppendLine(option.Values.Count > 0
                ? $"        {pattern}) compadd {string.Join(' ', option.Values)}; return ;;"
                : option.TakesPath ? $"        {pattern}) compset -P '@'; _files; return ;;"
                : $"        {pattern}) return ;;");
        }

        text.Append("""
                esac
                case "$verb" in

            """);
        foreach (var command in tree.Commands)
        {
            text.AppendLine($"        '{command.Path}')");
            text.AppendLine($"            commands=({string.Join(' ', command.Children
                .Select(child => $"'{child.Name}:{child.Text}'").Concat(command.Words.Select(word => $"'{word}'")))})");
            text.AppendLine($"            options=({string.Join(' ', command.Options.Concat(tree.Global)
                .SelectMany(option => option.Names.Select(name => $"'{name}:{option.Text}'")))}) ;;");
        }

        text.Append($$"""
                esac
                if [[ $PREFIX == -* ]]; then _describe option options
                elif (( $#commands )); then _describe command commands
                else _files; fi
            }
            if [[ $funcstack[1] == _{{tree.Program}} ]]; then _{{tree.Program}} "$@"
            else compdef _{{tree.Program}} {{tree.Program}}; fi

            """);
        return text.ToString();
    }
}
