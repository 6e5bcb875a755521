using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary>The report of an install or upgrade in lines for people.</summary>
internal static class UpdateReport
{
    private const int StepsShown = 200;

    /// <summary>Writes the lines; the last one names the current release.</summary>
    public static void Write(Terminal terminal, UpdateResult result)
    {
        switch (result.State)
        {
            case UpdateState.Unchanged:
                terminal.WriteLine($"{NameOf(result)} is current");
                break;
            case UpdateState.Repaired:
                WriteRepaired(terminal, NameOf(result), result.Repaired ?? []);
                terminal.WriteLine($"{NameOf(result)} is current, and was repaired");
                break;
            case UpdateState.Planned:
                WritePlan(terminal, result);
                break;
            case UpdateState.Staged:
                terminal.WriteLine($"{NameOf(result)} is downloaded and not current yet");
                break;
            case UpdateState.Held:
                terminal.WriteLine(
                    $"{result.Product} is held at {result.FromVersion}: {result.Version} is not installed "
                    + $"(let it go: ota-agent unhold {result.Product})");
                break;
            case UpdateState.Rejected:
                terminal.WriteLine(
                    $"{NameOf(result)} is not installed again: {result.Rejected?.Cause ?? "it was reverted"} "
                    + $"(try it again: ota-agent unhold {result.Product})");
                break;
            case UpdateState.OnTrial:
                terminal.WriteLine(result.NeedsRestart
                    ? $"{NameOf(result)} starts when the machine is restarted, and is on trial then"
                    : $"{NameOf(result)} is on trial: it is kept once it has proved that it works "
                    + $"(ota-agent status {result.Product})");
                break;
            default:
                if (result.DeltaFailure is { } code)
                    terminal.WriteLine($"the delta did not make every file ({code}): the rest came as chunks");
                terminal.WriteLine(
                    $"{Summary(result, "downloaded")}, {Printable.Bytes(result.WireBytesDown)} on the wire");
                terminal.WriteLine($"installed {NameOf(result)}");
                break;
        }
        foreach (var warning in result.Warnings)
            terminal.Error.WriteLine($"warning: {warning}");
    }

    /// <summary>Writes a line for each entry that was repaired.</summary>
    public static void WriteRepaired(Terminal terminal, string name, IReadOnlyList<TreeDamage> repaired)
    {
        foreach (var damage in repaired.Take(StepsShown))
            terminal.WriteLine($"repaired {name}: {damage.Path}: {damage.What}");
        if (repaired.Count > StepsShown)
            terminal.WriteLine($"  and {repaired.Count - StepsShown} more (--json lists all)");
    }

    private static void WritePlan(Terminal terminal, UpdateResult result)
    {
        var steps = result.Steps ?? [];
        for (var i = 0; i < Math.Min(steps.Count, StepsShown); i++)
            terminal.WriteLine($"  {StepLine(steps[i])}");
        if (steps.Count > StepsShown)
            terminal.WriteLine($"  and {steps.Count - StepsShown} more (--json lists all)");
        foreach (var hint in HintsOf(steps))
            terminal.WriteLine($"hint: {hint}");
        foreach (var kind in result.Kinds ?? [])
            terminal.WriteLine(KindLine(kind));
        terminal.WriteLine(Summary(result, "to download"));
        terminal.WriteLine($"the dry run itself received {Printable.Bytes(result.WireBytesDown)}");
        terminal.WriteLine(
            $"needs {Printable.Bytes(result.PeakDiskBytes)} of disk and {result.PeakInodes} inodes while it runs");
        terminal.WriteLine(result.Shortage is { } shortage
            ? $"cannot be installed now: {shortage.Message}"
            : $"would install {NameOf(result)}");
    }

    private static string NameOf(UpdateResult result) =>
        $"{result.Product} {ReleaseVersion.Describe(result.Version, result.Build)}";

    private static string StepLine(FileStep step)
    {
        var fetch = step.FetchBytes > 0 ? $", fetch {Printable.Bytes(step.FetchBytes)}" : "";
        var cause = step.Cause is { } known ? CauseOf(known) : "";
        return $"{step.Action.ToWord()} {step.Path} ({Printable.Bytes(step.SizeBytes)}{fetch}){cause}";
    }

    private static string CauseOf(StepCause cause)
    {
        var evidence = cause.Evidence.Length > 0 ? $" ({cause.Evidence})" : "";
        return $": {cause.Cause}, {Printable.Bytes(cause.Bytes)} on the wire{evidence}";
    }

    /// <summary>Lists each hint once.</summary>
    private static List<string> HintsOf(IReadOnlyList<FileStep> steps)
    {
        var hints = new List<string>();
        foreach (var step in steps)
        {
            if (step.Cause is { Hint.Length: > 0 } cause && !hints.Contains(cause.Hint))
                hints.Add(cause.Hint);
        }
        return hints;
    }

    private static string KindLine(ActionFigures kind)
    {
        var plain = kind.Action == FileAction.Chunks ? " before compression" : "";
        var fetch = kind.FetchBytes > 0 ? $", {Printable.Bytes(kind.FetchBytes)} to fetch{plain}" : "";
        var entries = Printable.Count(kind.Entries, "entry", "entries");
        return $"{kind.Action.ToWord(),-7} {entries}, {Printable.Bytes(kind.SizeBytes)}{fetch}";
    }

    private static string Summary(UpdateResult result, string downloaded)
    {
        var delta = result.FetchedDeltaBytes > 0 ? $"{Printable.Bytes(result.FetchedDeltaBytes)} of a delta and " : "";
        return $"{Printable.Count(result.Files, "file")}, {Printable.Bytes(result.TreeBytes)}: "
            + $"{result.KeptFiles} kept, {Printable.Bytes(result.ChangedBytes)} changed; "
            + $"{Printable.Bytes(result.DownloadBytes)} {downloaded} ("
            + $"{delta}{Printable.Bytes(result.FetchedChunkBytes)} of chunks before compression)";
    }
}
