using System.CommandLine;
using System.Globalization;

namespace ChunkOta.Cli;

/// <summary>Rules for the values of options, with messages for people.</summary>
public static class OptionRules
{
    /// <summary>Takes these words only; help and completions show them.</summary>
    public static Option<T> OneOf<T>(this Option<T> option, params string[] words)
    {
        ArgumentNullException.ThrowIfNull(option);
        option.CompletionSources.Clear();
        option.CompletionSources.Add(words);
        option.HelpName ??= string.Join('|', words);
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (!words.Contains(token.Value, StringComparer.Ordinal))
                    result.AddError($"{option.Name} takes {UsageFault.Listed(words)}, not '{token.Value}'");
            }
        });
        return option;
    }

    /// <summary>Takes these words only; completions show them.</summary>
    public static Argument<T> OneOf<T>(this Argument<T> argument, params string[] words)
    {
        ArgumentNullException.ThrowIfNull(argument);
        argument.CompletionSources.Clear();
        argument.CompletionSources.Add(words);
        argument.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (!words.Contains(token.Value, StringComparer.Ordinal))
                    result.AddError($"{argument.Name} is {UsageFault.Listed(words)}, not '{token.Value}'");
            }
        });
        return argument;
    }

    /// <summary>Takes whole numbers of a range only.</summary>
    public static Option<int> Between(this Option<int> option, int least, int most = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(option);
        option.CustomParser = result =>
        {
            var text = result.Tokens is [.., var token] ? token.Value : "";
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                && value >= least && value <= most)
            {
                return value;
            }

            var range = most == int.MaxValue ? $"{least} or more" : $"{least} to {most}";
            result.AddError($"{option.Name} takes a whole number, {range}, not '{text}'");
            return default;
        };
        return option;
    }
}
