using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>The cost of a release for its fleet: the answer of <c>forecast --json</c>.</summary>
internal sealed record ForecastReport
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The release that is weighed.</summary>
    public required string Version { get; init; }

    /// <summary>Its platform.</summary>
    public required string Platform { get; init; }

    /// <summary>No device has reported and no fleet was named: weighed as one device on the last release.</summary>
    public required bool Assumed { get; init; }

    /// <summary>The number of devices in the forecast.</summary>
    public required ulong Devices { get; init; }

    /// <summary>Half of the devices download no more.</summary>
    public required ulong P50Bytes { get; init; }

    /// <summary>95 of 100 download no more.</summary>
    public required ulong P95Bytes { get; init; }

    /// <summary>The bytes that all of them download.</summary>
    public required ulong EgressBytes { get; init; }

    /// <summary>The most disk space that one device needs beside what is installed.</summary>
    public required ulong PeakDiskBytes { get; init; }

    /// <summary>By the version that devices run.</summary>
    public required IReadOnlyList<ForecastLine> From { get; init; }

    public static ForecastReport Of(string product, string version, string platform, ForecastResponse forecast) => new()
    {
        Product = product,
        Version = version,
        Platform = platform,
        Assumed = forecast.IsAssumed,
        Devices = forecast.Devices,
        P50Bytes = forecast.P50Bytes,
        P95Bytes = forecast.P95Bytes,
        EgressBytes = forecast.EgressBytes,
        PeakDiskBytes = forecast.PeakDiskBytes,
        From =
        [
            .. forecast.Shares.Select(share => new ForecastLine
        {
            Version = share.Version.Length == 0 ? null : share.Version,
            Devices = share.Devices,
            Bytes = share.Bytes,
            ChunkBytes = share.ChunkBytes,
            DeltaBytes = share.DeltaBytes == 0 ? null : share.DeltaBytes,
            DeltaQuality = QualityOf(share),
            PeakDiskBytes = share.PeakDiskBytes,
        }),
        ],
    };

    public void WriteTo(Terminal terminal)
    {
        var table = new TextTable(
            "from", "devices", "each downloads", "by chunks", "by delta", "quality", "disk space");
        foreach (var line in From)
        {
            table.Add(line.Version ?? "nothing", line.Devices.ToString(CultureInfo.InvariantCulture),
                Printable.Bytes(line.Bytes), Printable.Bytes(line.ChunkBytes),
                line.DeltaBytes is { } bytes ? Printable.Bytes(bytes) : "-", line.DeltaQuality ?? "-",
                Printable.Bytes(line.PeakDiskBytes));
        }

        table.WriteTo(terminal);
        if (Assumed)
            terminal.WriteLine(
                "no device has reported: weighed as one that runs the channel's last release (say --from VERSION=N)");
        terminal.WriteLine(
            $"{Printable.Count(Devices, "device")}: p50 {Printable.Bytes(P50Bytes)}, p95 {Printable.Bytes(P95Bytes)}, "
            + $"egress {Printable.Bytes(EgressBytes)}, disk space needed {Printable.Bytes(PeakDiskBytes)}");
    }

    private static string? QualityOf(ForecastShare share) => share.DeltaQuality switch
    {
        DeltaQuality.Quick => "quick",
        DeltaQuality.Best => "best",
        _ => null,
    };
}

/// <summary>The cost for each device that runs a version; no version: nothing is installed.</summary>
internal sealed record ForecastLine
{
    /// <summary>The version that these devices run; absent for devices that have nothing.</summary>
    public required string? Version { get; init; }

    /// <summary>The number of these devices.</summary>
    public required ulong Devices { get; init; }

    /// <summary>The download of each of them, the cheaper way.</summary>
    public required ulong Bytes { get; init; }

    /// <summary>The download as chunks.</summary>
    public required ulong ChunkBytes { get; init; }

    /// <summary>The download by the delta; absent if there is none.</summary>
    public required ulong? DeltaBytes { get; init; }

    /// <summary><c>best</c> or <c>quick</c>; absent if there is no delta.</summary>
    public required string? DeltaQuality { get; init; }

    /// <summary>The most disk space that such a device needs beside what is installed.</summary>
    public required ulong PeakDiskBytes { get; init; }
}
