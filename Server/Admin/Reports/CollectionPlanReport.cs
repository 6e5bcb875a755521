using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>The answer of <c>gc --dry-run --json</c>.</summary>
/// <param name="Releases">All releases whose content is there, the newest of each platform first.</param>
/// <param name="Devices">The devices, by what it means for their next upgrade.</param>
/// <param name="Chunks">Chunks that no release will have.</param>
/// <param name="Bytes">Their stored bytes.</param>
/// <param name="Last">The last collection, and what is in the trash.</param>
internal sealed record CollectionPlanReport(
    IReadOnlyList<PlannedReleaseLine> Releases, IReadOnlyList<PlannedDeviceLine> Devices, ulong Chunks, ulong Bytes,
    CollectionStateLine Last)
{
    /// <summary>A plan as it is shown.</summary>
    public static CollectionPlanReport Of(PlanCollectionResponse plan) => new(
        [.. plan.Releases.Select(PlannedReleaseLine.Of)], [.. plan.Devices.Select(PlannedDeviceLine.Of)], plan.Chunks,
        plan.Bytes, CollectionStateLine.Of(plan.Last ?? new CollectionReport()));

    /// <summary>Writes it for people.</summary>
    public void WriteTo(Terminal terminal)
    {
        PlannedReleaseLine.Write(Releases, terminal);
        terminal.WriteLine("");
        if (Devices.Count > 0)
        {
            var devices = new TextTable("product", "platform", "channel", "runs", "devices", "next upgrade");
            foreach (var line in Devices)
            {
                devices.Add(line.Product, line.Platform, line.Channel, line.Version,
                    line.Devices.ToString(CultureInfo.InvariantCulture), line.Impact switch
                    {
                        "chunks" => "by chunks, without a delta",
                        "stranded" => "none: the channel has no release for them",
                        _ => "unaffected",
                    });
            }

            devices.WriteTo(terminal);
            terminal.WriteLine("");
        }

        terminal.WriteLine(
            $"to be freed: {Printable.Count(Chunks, "chunk")} of {Printable.Bytes(Bytes)} stored; in the trash: "
            + $"{Printable.Count(Last.TrashedObjects, "object")} of {Printable.Bytes(Last.TrashedBytes)}");
    }
}

/// <summary>A release and what a collection does with it.</summary>
internal sealed record PlannedReleaseLine
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The platform, such as <c>linux-x64</c>, or <c>any</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary><c>kept</c>; <c>deleted</c>: it goes to the trash; <c>trashed</c>: it is there and can come back;
    /// <c>purged</c>: its content goes.</summary>
    public required string Fate { get; init; }

    /// <summary>The reasons to keep it: <c>channel</c>, <c>newest</c>, <c>anchor</c>, <c>devices</c>, <c>held</c>,
    /// <c>retention</c>.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>The channels that point to it.</summary>
    public required IReadOnlyList<string> Channels { get; init; }

    /// <summary>The devices that run it.</summary>
    public required ulong Devices { get; init; }

    /// <summary>When its content goes; absent while it is kept.</summary>
    public required long? DueUnixSeconds { get; init; }

    /// <summary>A planned release as it is shown.</summary>
    public static PlannedReleaseLine Of(ReleasePlan plan) => new()
    {
        Product = plan.Product,
        Platform = plan.Platform,
        Version = plan.Version,
        Fate = plan.Fate.ToString().ToLowerInvariant(),
        Reasons = [.. plan.Reasons.Select(reason => reason.ToString().ToLowerInvariant())],
        Channels = [.. plan.Channels],
        Devices = plan.Devices,
        DueUnixSeconds = Known.OrNull(plan.DueUnixSeconds),
    };

    /// <summary>Writes a table for people.</summary>
    public static void Write(IEnumerable<PlannedReleaseLine> lines, Terminal terminal)
    {
        var table = new TextTable("product", "platform", "version", "fate", "why", "channels", "devices", "goes");
        foreach (var line in lines)
        {
            table.Add(line.Product, line.Platform, line.Version, line.Fate, string.Join(' ', line.Reasons),
                string.Join(' ', line.Channels), line.Devices.ToString(CultureInfo.InvariantCulture),
                line.DueUnixSeconds is { } due ? Printable.Time(due) : "");
        }

        table.WriteTo(terminal);
    }
}

/// <summary>Devices and what a collection means for their next upgrade.</summary>
internal sealed record PlannedDeviceLine
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>Their platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel that they follow.</summary>
    public required string Channel { get; init; }

    /// <summary>The version that they run.</summary>
    public required string Version { get; init; }

    /// <summary>Their number.</summary>
    public required ulong Devices { get; init; }

    /// <summary><c>unaffected</c>; <c>chunks</c>: they download chunks instead of a delta; <c>stranded</c>: their
    /// channel has no release for them.</summary>
    public required string Impact { get; init; }

    /// <summary>Devices as they are shown.</summary>
    public static PlannedDeviceLine Of(DevicePlan plan) => new()
    {
        Product = plan.Product,
        Platform = plan.Platform,
        Channel = plan.Channel,
        Version = plan.Version,
        Devices = plan.Devices,
        Impact = plan.Impact.ToString().ToLowerInvariant(),
    };
}
