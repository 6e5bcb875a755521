namespace ChunkOta.Agent.Cli;

/// <summary>What a run of install or upgrade did, in lines for people.</summary>
internal static class UpdateReport
{
    private const int StepsShown = 200;

    /// <summary>Writes the lines; the last one says what is current now.</summary>
    public static void Write(Terminal terminal, UpdateResult result)
    {
        switch (result.State)
        {
            case UpdateState.Unchanged:
                terminal.WriteLine($"{result.Product} {result.Version} is current");
                break;
            case UpdateState.Planned:
                WritePlan(terminal, result);
                break;
            default:
                terminal.WriteLine(Summary(result, "fetched"));
                terminal.WriteLine($"installed {result.Product} {result.Version}");
                break;
        }
    }

    private static void WritePlan(Terminal terminal, UpdateResult result)
    {
        var steps = result.Steps ?? [];
        for (var i = 0; i < Math.Min(steps.Count, StepsShown); i++)
        {
            var step = steps[i];
            var fetch = step.FetchBytes > 0 ? $", fetch {Printable.Bytes(step.FetchBytes)}" : "";
            terminal.WriteLine($"  {EnumNames.Of(step.Action)} {step.Path} ({Printable.Bytes(step.SizeBytes)}{fetch})");
        }
        if (steps.Count > StepsShown)
            terminal.WriteLine($"  and {steps.Count - StepsShown} more (--json lists all)");
        terminal.WriteLine(Summary(result, "to fetch"));
        terminal.WriteLine($"needs {Printable.Bytes(result.PeakDiskBytes)} of disk while it runs");
        terminal.WriteLine($"would install {result.Product} {result.Version}");
    }

    private static string Summary(UpdateResult result, string fetched) =>
        $"{result.Files} files, {Printable.Bytes(result.TreeBytes)}: {result.KeptFiles} files kept, "
        + $"{Printable.Bytes(result.ChangedBytes)} changed, {Printable.Bytes(result.ReusedBytes)} reused, "
        + $"{Printable.Bytes(result.FetchedChunkBytes)} {fetched} ({Printable.Bytes(result.WireBytesDown)} on the wire)";
}
