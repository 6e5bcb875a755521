namespace ChunkOta.Storage;

/// <summary>The cost of an update for the devices that run one version.</summary>
/// <param name="Devices">How many.</param>
/// <param name="Bytes">The download of each.</param>
/// <param name="PeakDiskBytes">The disk space that each needs beside the installed releases.</param>
public readonly record struct FleetCost(long Devices, long Bytes, long PeakDiskBytes);

/// <summary>The cost of an update for a fleet, from its cost for each part.</summary>
/// <param name="Devices">How many devices there are.</param>
/// <param name="P50Bytes">Half of them download no more than this.</param>
/// <param name="P95Bytes">95 of 100 download no more than this.</param>
/// <param name="EgressBytes">The downloads of all, at most the largest number.</param>
/// <param name="PeakDiskBytes">The most disk space that any of them needs.</param>
public sealed record FleetForecast(long Devices, long P50Bytes, long P95Bytes, long EgressBytes, long PeakDiskBytes)
{
    /// <summary>Weighs the parts of a fleet.</summary>
    /// <param name="parts">Parts of no device count for nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">A figure is negative.</exception>
    public static FleetForecast Of(IEnumerable<FleetCost> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var sorted = parts.Where(part => part.Devices != 0).OrderBy(part => part.Bytes).ToList();
        Int128 devices = 0;
        Int128 egress = 0;
        foreach (var part in sorted)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(part.Devices, nameof(parts));
            ArgumentOutOfRangeException.ThrowIfNegative(part.Bytes, nameof(parts));
            devices += part.Devices;
            egress += (Int128)part.Devices * part.Bytes;
        }

        return new FleetForecast(
            Bounded(devices), Percentile(sorted, devices, 50), Percentile(sorted, devices, 95), Bounded(egress),
            sorted.Select(part => part.PeakDiskBytes).DefaultIfEmpty(0).Max());
    }

    /// <summary>The percentile by the nearest rank.</summary>
    private static long Percentile(List<FleetCost> sorted, Int128 devices, int percent)
    {
        var rank = (devices * percent + 99) / 100;
        foreach (var part in sorted)
        {
            rank -= part.Devices;
            if (rank <= 0) return part.Bytes;
        }

        return 0;
    }

    private static long Bounded(Int128 value) => (long)Int128.Min(value, long.MaxValue);
}
