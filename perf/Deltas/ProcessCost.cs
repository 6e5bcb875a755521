namespace ChunkOta.Perf;

/// <summary>CPU time and peak memory of a piece of work in this process.</summary>
/// <param name="CpuSeconds">User and system, of all threads.</param>
/// <param name="PeakRssBytes">The peak of resident memory during the work, including what was resident before.</param>
internal readonly record struct ProcessCost(double CpuSeconds, long PeakRssBytes)
{
    public static ProcessCost Of(Action work)
    {
        GC.Collect();
        File.WriteAllText("/proc/self/clear_refs", "5"); // resets the peak
        var before = Environment.CpuUsage.TotalTime;
        work();
        var seconds = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        var peak = File.ReadLines("/proc/self/status")
            .First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return new ProcessCost(seconds, 1024 * long.Parse(peak.AsSpan(6).TrimEnd("kB"), provider: null));
    }
}
