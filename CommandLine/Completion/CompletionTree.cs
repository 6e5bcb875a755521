using System.CommandLine;

namespace ChunkOta.Cli;

/// <summary>The words that a shell can complete: the commands of a program with their options and values.</summary>
/// <param name="Program">What users call the program.</param>
/// <param name="Commands">The root and all commands below.</param>
/// <param name="Global">The options that every command takes.</param>
internal sealed record CompletionTree(
    string Program, IReadOnlyList<CompletedCommand> Commands, IReadOnlyList<CompletedOption> Global)
{
    /// <summary>The program as the name of a shell function.</summary>
    public string Function => "_" + Program.Replace('-', '_');

    /// <summary>The tree of a command line.</summary>
    public static CompletionTree Of(CommandPath root) => new(
        root.Words,
        [.. root.All.Select(CompletedCommand.Of)],
        [.. root.GlobalOptions.Select(CompletedOption.Of)]);
}

/// <summary>A command.</summary>
/// <param name="Path">Its words, each after a slash: <c>/tokens/create</c>; empty for the root.</param>
/// <param name="Children">The commands below, with their first sentence.</param>
/// <param name="Words">The values of its arguments, as far as they are known.</param>
/// <param name="Options">Its own options.</param>
internal sealed record CompletedCommand(
    string Path,
    IReadOnlyList<(string Name, string Text)> Children,
    IReadOnlyList<string> Words,
    IReadOnlyList<CompletedOption> Options)
{
    public static CompletedCommand Of(CommandPath path) => new(
        path.Verb.Length == 0 ? "" : "/" + path.Verb.Replace(' ', '/'),
        [.. path.Children.Select(child => (child.Command.Name, Plain(child.Command.Description)))],
        [.. path.Command.Arguments.Where(argument => argument.CompletionSources.Count > 0)
            .SelectMany(argument => argument.GetCompletions(
                System.CommandLine.Completions.CompletionContext.Empty).Select(item => item.Label))],
        [.. path.OwnOptions.Select(CompletedOption.Of)]);

    /// <summary>A description without what shells read as syntax.</summary>
    internal static string Plain(string? text) =>
        HelpPage.FirstSentence(text).TrimEnd('.').Replace("'", "", StringComparison.Ordinal)
            .Replace(":", ";", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal)
            .Replace("$", "", StringComparison.Ordinal).Replace("`", "", StringComparison.Ordinal)
            .Replace("\\", "", StringComparison.Ordinal);
}

/// <summary>An option.</summary>
/// <param name="Names">All its names.</param>
/// <param name="Text">Its first sentence.</param>
/// <param name="Values">The values that it takes; empty for others.</param>
/// <param name="TakesValue">A value follows.</param>
/// <param name="TakesPath">The value is a file or folder.</param>
internal sealed record CompletedOption(
    IReadOnlyList<string> Names, string Text, IReadOnlyList<string> Values, bool TakesValue, bool TakesPath)
{
    public static CompletedOption Of(Option option) => new(
        [.. option.Aliases.Append(option.Name)],
        CompletedCommand.Plain(option.Description),
        OptionText.IsFlag(option) ? [] : OptionText.Choices(option),
        !OptionText.IsFlag(option),
        OptionText.TakesPath(option));
}
