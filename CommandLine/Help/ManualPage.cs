using System.CommandLine;
using System.Globalization;
using System.Text;
using ChunkOta.Protos;

namespace ChunkOta.Cli;

/// <summary>The manual page of a program, in the <c>man</c> macros of troff.</summary>
internal static class ManualPage
{
    public static string Of(ProgramDescription program, CommandPath root)
    {
        var page = new StringBuilder();
        page.AppendLine($".TH {program.Name.ToUpperInvariant()} {program.ManualSection} \"\" \"ChunkOta\"");
        Section(page, "NAME");
        page.AppendLine($"{Escape(program.Name)} \\- {Escape(Lowered(root.Command.Description))}");
        Section(page, "SYNOPSIS");
        page.AppendLine($".B {Escape(program.Name)}").AppendLine(".I COMMAND").AppendLine("[options]");
        Section(page, "DESCRIPTION");
        Text(page, root.Command.Description);
        Text(page, "Answers go to standard output, progress and errors to standard error.");
        Section(page, "COMMANDS");
        foreach (var path in root.All.Where(path => path.Command is not (RootCommand or VerbGroup)))
            WriteCommand(page, path);
        Section(page, "GLOBAL OPTIONS");
        foreach (var option in root.GlobalOptions) Item(page, OptionText.Names(option), OptionText.Description(option));
        Items(page, "ENVIRONMENT", program.Environment);
        Items(page, "FILES", program.Files);
        Items(page, "EXIT STATUS", ExitStatus());
        Section(page, "SEE ALSO");
        page.AppendLine(string.Join(", ", new[] { ("ota-admin", 1), ("ota-agent", 1), ("ota-server", 8) }
            .Where(other => other.Item1 != program.Name)
            .Select(other => $"\\fB{Escape(other.Item1)}\\fP({other.Item2})")));
        return page.ToString();
    }

    private static void WriteCommand(StringBuilder page, CommandPath path)
    {
        page.AppendLine($".SS \"{Escape(path.Verb)}\"");
        foreach (var usage in path.Usages.Where(usage => !usage.EndsWith("COMMAND", StringComparison.Ordinal)))
            page.AppendLine($".B {Escape(usage)}");
        Text(page, path.Command.Description);
        foreach (var argument in path.Command.Arguments) Item(page, argument.Name, argument.Description);
        foreach (var option in path.OwnOptions) Item(page, OptionText.Names(option), OptionText.Description(option));
        if (path.Command is not IWithExamples { Examples: { Count: > 0 } examples }) return;
        page.AppendLine(".PP").AppendLine("Examples:").AppendLine(".PP").AppendLine(".RS 4").AppendLine(".nf");
        foreach (var line in examples) page.AppendLine(Escape(line));
        page.AppendLine(".fi").AppendLine(".RE");
    }

    /// <summary>The exit codes with the error codes that they stand for.</summary>
    private static IReadOnlyList<(string Name, string Text)> ExitStatus() =>
    [
        ("0", "Success."),
        .. ErrorMeaning.All.GroupBy(meaning => meaning.ExitCode).OrderBy(group => group.Key)
            .Select(group => (group.Key.ToString(CultureInfo.InvariantCulture),
                string.Join(", ", group.Select(meaning => meaning.Code)) + ".")),
    ];

    private static void Items(StringBuilder page, string heading, IReadOnlyList<(string Name, string Text)> items)
    {
        if (items.Count == 0) return;
        Section(page, heading);
        foreach (var (name, text) in items) Item(page, name, text);
    }

    private static void Section(StringBuilder page, string heading) => page.AppendLine($".SH \"{heading}\"");

    private static void Item(StringBuilder page, string name, string? text) =>
        page.AppendLine(".TP").AppendLine($".B {Escape(name)}").AppendLine(Escape(text ?? ""));

    private static void Text(StringBuilder page, string? text) => page.AppendLine(".PP").AppendLine(Escape(text ?? ""));

    private static string Lowered(string? text) =>
        text is { Length: > 0 } ? char.ToLowerInvariant(text[0]) + text[1..].TrimEnd('.') : "";

    /// <summary>Text that troff shows as it is: backslashes, hyphens, and lines that would be macros.</summary>
    private static string Escape(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal)
            .Replace("\"", "\\(dq", StringComparison.Ordinal);
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? $"\\&{escaped}" : escaped;
    }
}
