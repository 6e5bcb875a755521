using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>What a release would cost its fleet: what <c>forecast --json</c> answers.</summary>
/// <param name="Product">The product.</param>
/// <param name="Version">The release that is weighed.</param>
/// <param name="Platform">Its platform.</param>
/// <param name="Assumed">No device has reported and no fleet was named: weighed as one device on the last release.</param>
/// <param name="Devices">How many devices were weighed.</param>
/// <param name="P50Bytes">Half of the devices download no more.</param>
/// <param name="P95Bytes">95 of 100 download no more.</param>
/// <param name="EgressBytes">What all of them download.</param>
/// <param name="PeakDiskBytes">The most room that one needs beside what is installed.</param>
/// <param name="From">By the version that devices run.</param>
internal sealed record ForecastReport(
    string Product, string Version, string Platform, bool Assumed, ulong Devices, ulong P50Bytes, ulong P95Bytes,
    ulong EgressBytes, ulong PeakDiskBytes, IReadOnlyList<ForecastLine> From)
{
    public static ForecastReport Of(string product, string version, string platform, ForecastResponse forecast) => new(
        product, version, platform, forecast.IsAssumed, forecast.Devices, forecast.P50Bytes, forecast.P95Bytes,
        forecast.EgressBytes, forecast.PeakDiskBytes,
        [.. forecast.Shares.Select(share => new ForecastLine(
            share.Version.Length == 0 ? null : share.Version, share.Devices, share.Bytes, share.ChunkBytes,
            share.DeltaBytes == 0 ? null : share.DeltaBytes, QualityOf(share), share.PeakDiskBytes))]);

    public void WriteTo(Terminal terminal)
    {
        var table = new TextTable("from", "devices", "each downloads", "by chunks", "by delta", "quality", "room");
        foreach (var line in From)
        {
            table.Add(line.Version ?? "nothing", line.Devices.ToString(CultureInfo.InvariantCulture),
                Printable.Bytes(line.Bytes), Printable.Bytes(line.ChunkBytes),
                line.DeltaBytes is { } bytes ? Printable.Bytes(bytes) : "-", line.DeltaQuality ?? "-",
                Printable.Bytes(line.PeakDiskBytes));
        }

        table.WriteTo(terminal);
        if (Assumed)
            terminal.WriteLine("no device has reported: weighed as one that runs the channel's last release (say --from VERSION=N)");
        terminal.WriteLine($"{Devices} devices: p50 {Printable.Bytes(P50Bytes)}, p95 {Printable.Bytes(P95Bytes)}, "
            + $"egress {Printable.Bytes(EgressBytes)}, room needed {Printable.Bytes(PeakDiskBytes)}");
    }

    private static string? QualityOf(ForecastShare share) => share.DeltaQuality switch
    {
        DeltaQuality.Quick => "quick",
        DeltaQuality.Best => "best",
        _ => null,
    };
}

/// <summary>What it costs each device that runs a version; no version: nothing is installed.</summary>
internal sealed record ForecastLine(
    string? Version, ulong Devices, ulong Bytes, ulong ChunkBytes, ulong? DeltaBytes, string? DeltaQuality, ulong PeakDiskBytes);
