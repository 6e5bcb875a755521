namespace ChunkOta.Storage;

/// <summary>What an update costs the devices that run one version.</summary>
/// <param name="Devices">How many.</param>
/// <param name="Bytes">What each of them downloads.</param>
/// <param name="PeakDiskBytes">The room that each needs beside what is installed.</param>
public readonly record struct FleetCost(long Devices, long Bytes, long PeakDiskBytes);

/// <summary>What an update costs a fleet, by what it costs each part of it.</summary>
/// <param name="Devices">How many devices there are.</param>
/// <param name="P50Bytes">Half of them download no more than this.</param>
/// <param name="P95Bytes">95 of 100 download no more than this.</param>
/// <param name="EgressBytes">What all of them download; the largest number if it is beyond it.</param>
/// <param name="PeakDiskBytes">The most room that any of them needs.</param>
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

    /// <summary>The nearest rank: the least figure that is not less than that of so many of a hundred devices.</summary>
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
