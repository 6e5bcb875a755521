using System.Collections;
using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;

namespace ChunkOta.Cli;

/// <summary>Options and arguments as people type them.</summary>
internal static class OptionText
{
    /// <summary>All names of an option, the short one first, and its value: <c>-p, --product NAME</c>.</summary>
    public static string Names(Option option)
    {
        var names = option.Aliases.Where(alias => !alias.StartsWith("--", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Append(option.Name);
        return Value(option) is { } value
            ? $"{string.Join(", ", names)} {value}"
            : string.Join(", ", names);
    }

    /// <summary>An option and its value: <c>--product NAME</c>.</summary>
    public static string Assignment(Option option) =>
        Value(option) is { } value ? $"{option.Name} {value}" : option.Name;

    /// <summary>The placeholder of an option's value; null for a flag.</summary>
    public static string? Value(Option option) => option.Arity.MaximumNumberOfValues == 0 || IsFlag(option)
        ? null
        : option.HelpName ?? (Choices(option) is { Count: > 0 } choices ? string.Join('|', choices) : "VALUE");

    /// <summary>An argument in a usage line: <c>[PRODUCT]</c> if it can be left out.</summary>
    public static string Usage(Argument argument)
    {
        var name = argument.Arity.MaximumNumberOfValues > 1 ? $"{argument.Name}..." : argument.Name;
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    /// <summary>The sentence of an option, with its default as one would type it.</summary>
    public static string Description(Option option)
    {
        var required = option.Required && !option.HasDefaultValue ? " (required)" : "";
        return DefaultOf(option) is { } value
            ? $"{option.Description}{required} [default: {value}]"
            : $"{option.Description}{required}";
    }

    /// <summary>The values that an option takes; empty if it takes others, too.</summary>
    public static IReadOnlyList<string> Choices(Option option) => option.CompletionSources.Count == 0
        ? []
        : [.. option.GetCompletions(CompletionContext.Empty).Select(item => item.Label)];

    /// <summary>The option's value is a file or folder.</summary>
    public static bool TakesPath(Option option) => option.HelpName is { } name
        && (name.Contains("FILE", StringComparison.Ordinal) || name.Contains("DIR", StringComparison.Ordinal));

    /// <summary>The option takes no value.</summary>
    public static bool IsFlag(Option option) =>
        option.ValueType == typeof(bool) || option.ValueType == typeof(void);

    /// <summary>A value as the command line takes it; null if there is nothing to show.</summary>
    internal static string? Typed(object? value) => value switch
    {
        null or false or "" => null,
        string text => text,
        TimeSpan time when time.Ticks % TimeSpan.TicksPerDay == 0 => $"{time.Days}d",
        TimeSpan time when time.Ticks % TimeSpan.TicksPerHour == 0 => $"{(long)time.TotalHours}h",
        TimeSpan time when time.Ticks % TimeSpan.TicksPerMinute == 0 => $"{(long)time.TotalMinutes}m",
        TimeSpan time => $"{(long)time.TotalSeconds}s",
        Enum word => word.ToString().ToLowerInvariant(),
        IEnumerable => null,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string? DefaultOf(Option option) =>
        option.HasDefaultValue && !IsFlag(option) && option.Arity.MaximumNumberOfValues > 0
            ? Typed(option.GetDefaultValue())
            : null;
}
