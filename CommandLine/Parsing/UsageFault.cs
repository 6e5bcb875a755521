using System.CommandLine;
using System.CommandLine.Parsing;
using ChunkOta.Protos;

namespace ChunkOta.Cli;

/// <summary>Finds the fault of a command line, in one sentence.</summary>
internal static class UsageFault
{
    private const int MostWordsShown = 8;

    /// <summary>Finds the fault that its user should mend first; null if there is none.</summary>
    /// <param name="path">Where the parser ended.</param>
    /// <param name="parsed">The result of the parser.</param>
    /// <param name="arguments">As the system gave them.</param>
    public static string? Find(CommandPath path, ParseResult parsed, IReadOnlyList<string> arguments) =>
        UnknownOption(path, parsed, arguments)
        ?? UnknownWord(path, parsed)
        ?? MissingCommand(path, parsed)
        ?? Missing(path, parsed)
        ?? (parsed.Errors.Count == 0
            ? null
            : string.Join("; ", parsed.Errors.Select(Text).Distinct(StringComparer.Ordinal)));

    /// <summary>A word that looks like an option is one, even where an argument would fit; after <c>--</c> it is
    /// not.</summary>
    private static string? UnknownOption(CommandPath path, ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var known = path.OptionNames.ToHashSet(StringComparer.Ordinal);
        var unknown = arguments.TakeWhile(word => word != "--")
            .Intersect(Taken(parsed).Concat(parsed.UnmatchedTokens), StringComparer.Ordinal)
            .FirstOrDefault(word => word is ['-', _, ..] && !known.Contains(word));
        return unknown is null ? null : Suggestions.Unknown("option", unknown.Split('=')[0], known);
    }

    /// <summary>The words that were taken as arguments or, where they begin with two hyphens, as values.</summary>
    private static IEnumerable<string> Taken(ParseResult parsed) =>
        from child in parsed.CommandResult.Children
        from token in child switch
        {
            ArgumentResult argument => argument.Tokens,
            OptionResult option => option.Tokens.Where(
                token => token.Value.StartsWith("--", StringComparison.Ordinal)),
            _ => [],
        }
        select token.Value;

    private static string? UnknownWord(CommandPath path, ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is not [var word, ..]) return null;
        return path.Command.Subcommands.Count > 0 && path.Command.Arguments.Count == 0
            ? Suggestions.Unknown("command", word, path.Children.Select(child => child.Command.Name))
            : $"unexpected argument '{OneLine.Of(word)}'";
    }

    private static string? MissingCommand(CommandPath path, ParseResult parsed)
    {
        if (path.Command is not (VerbGroup or RootCommand) || parsed.Errors.Count == 0) return null;
        var names = path.Children.Select(child => child.Command.Name).ToList();
        return names.Count > MostWordsShown
            ? $"'{path.Words}' needs a command"
            : $"'{path.Words}' needs a command: {Listed(names)}";
    }

    /// <summary>Everything that is missing, at once.</summary>
    private static string? Missing(CommandPath path, ParseResult parsed)
    {
        var missing = path.Command.Arguments
            .Where(argument => argument.Arity.MinimumNumberOfValues > 0
                && !argument.HasDefaultValue && parsed.GetResult(argument) is null or { Tokens.Count: 0 })
            .Select(argument => argument.Name)
            .Concat(path.Command.Options
                .Where(option => option.Required && !option.HasDefaultValue
                    && parsed.GetResult(option) is not { Implicit: false })
                .Select(OptionText.Assignment))
            .ToList();
        return missing.Count == 0 ? null : $"missing: {string.Join(", ", missing)}";
    }

    private static string Text(ParseError error)
    {
        var (name, type, tokens) = error.SymbolResult switch
        {
            OptionResult option => (option.Option.Name, option.Option.ValueType, option.Tokens),
            ArgumentResult { Parent: OptionResult option } =>
                (option.Option.Name, option.Option.ValueType, option.Tokens),
            ArgumentResult argument => (argument.Argument.Name, argument.Argument.ValueType, argument.Tokens),
            _ => ("", typeof(string), (IReadOnlyList<Token>)[]),
        };
        if (name.Length > 0 && tokens.Count == 0 && type != typeof(bool))
            return $"{name} needs a value";
        type = Nullable.GetUnderlyingType(type) ?? type;
        return error.Message.Contains(type.ToString(), StringComparison.Ordinal) && tokens is [.., var last]
            ? $"{name} takes {KindOf(type)}, not '{OneLine.Of(last.Value)}'"
            : OneLine.Of(error.Message.TrimEnd('.'));
    }

    private static string KindOf(Type type) =>
        type == typeof(bool) ? "true or false" : "a whole number that is not negative or too large";

    /// <summary>Words as a sentence lists them: <c>create, list or revoke</c>.</summary>
    internal static string Listed(IReadOnlyList<string> words) => words.Count < 2
        ? string.Concat(words)
        : $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}";
}
