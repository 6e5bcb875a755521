using System.CommandLine;
using System.Text;

namespace ChunkOta.Cli;

/// <summary>The help of one command: what it does, how it is typed, examples.</summary>
/// <param name="program">The program.</param>
/// <param name="path">The command.</param>
internal sealed class HelpPage(ProgramDescription program, CommandPath path)
{
    /// <summary>The help of a command.</summary>
    public static HelpPage Of(ProgramDescription program, CommandPath path) => new(program, path);

    /// <summary>The text in lines of a width.</summary>
    public string Write(int width)
    {
        var output = new StringBuilder();
        foreach (var line in WordWrap.Lines(path.Command.Description ?? "", width)) output.AppendLine(line);
        Heading(output, "Usage:");
        foreach (var usage in path.Usages) WriteUsage(output, usage, width);
        WriteSection(output, "Commands:", [.. path.Children.Select(child =>
            (child.Command.Name, FirstSentence(child.Command.Description)))], width);
        WriteSection(output, "Arguments:", [.. path.Command.Arguments.Select(argument =>
            (argument.Name, argument.Description ?? ""))], width);
        WriteSection(output, "Options:", [.. path.OwnOptions.Select(Row)], width);
        WriteExamples(output);
        if (path.IsRoot)
        {
            output.Append(GlobalText(width));
            output.AppendLine().AppendLine($"See '{program.Name} help COMMAND' for the help of a command.");
        }
        else
        {
            output.AppendLine().AppendLine($"Global options: see '{program.Name} help options'.");
        }

        return output.ToString();
    }

    /// <summary>The options that every command takes, and the variables of the environment.</summary>
    public string WriteGlobal(int width) => GlobalText(width).TrimStart();

    /// <summary>The text up to the end of its first sentence.</summary>
    internal static string FirstSentence(string? text)
    {
        var end = text?.IndexOf(". ", StringComparison.Ordinal) ?? -1;
        return end < 0 ? text ?? "" : text![..(end + 1)];
    }

    private string GlobalText(int width)
    {
        var output = new StringBuilder();
        WriteSection(output, "Global options:", [.. path.GlobalOptions.Select(Row)], width);
        WriteSection(output, "Environment:", program.Environment, width);
        return output.ToString();
    }

    private static (string Name, string Text) Row(Option option)
    {
        var names = OptionText.Names(option);
        // Long names line up whether or not there is a short one.
        return (names.StartsWith("--", StringComparison.Ordinal) ? $"    {names}" : names,
            OptionText.Description(option));
    }

    private void WriteExamples(StringBuilder output)
    {
        if (path.Command is not IWithExamples { Examples: { Count: > 0 } examples }) return;
        Heading(output, "Examples:");
        foreach (var line in examples) output.Append("  ").AppendLine(line);
    }

    private static void WriteUsage(StringBuilder output, string usage, int width)
    {
        var isFirst = true;
        foreach (var line in WordWrap.Lines(usage, width - 6))
        {
            output.Append(isFirst ? "  " : "      ").AppendLine(line);
            isFirst = false;
        }
    }

    private static void WriteSection(
        StringBuilder output, string heading, IReadOnlyList<(string Name, string Text)> rows, int width)
    {
        if (rows.Count == 0) return;
        Heading(output, heading);
        WordWrap.WriteList(output, rows, width);
    }

    private static void Heading(StringBuilder output, string heading) => output.AppendLine().AppendLine(heading);
}
