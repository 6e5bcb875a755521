namespace ChunkOta.Cli;

/// <summary>The parts that the scripts of all shells have in common.</summary>
internal static class ShellWords
{
    /// <summary>The paths of all commands but the root.</summary>
    public static IEnumerable<string> PathsBelow(CompletionTree tree) =>
        tree.Commands.Select(command => command.Path).Where(path => path.Length > 0);

    /// <summary>The names of all options of a command.</summary>
    public static IEnumerable<string> Options(CompletionTree tree, CompletedCommand command) =>
        command.Options.Concat(tree.Global).SelectMany(option => option.Names);

    /// <summary>The options that take a value, as a pattern of the words <c>"$verb $prev"</c>.</summary>
    public static IEnumerable<(string Pattern, CompletedOption Option)> Valued(CompletionTree tree)
    {
        foreach (var command in tree.Commands)
        {
            foreach (var option in command.Options.Where(option => option.TakesValue))
                yield return (string.Join('|', option.Names.Select(name => $"'{command.Path} {name}'")), option);
        }

        foreach (var option in tree.Global.Where(option => option.TakesValue))
            yield return (string.Join('|', option.Names.Select(name => $"*' {name}'")), option);
    }
}
