using System.Diagnostics;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>What this process has used so far.</summary>
internal static class ProcessFigures
{
    /// <summary>Processor time, user and kernel, seconds.</summary>
    public static double CpuSeconds => Environment.CpuUsage.TotalTime.TotalSeconds;

    /// <summary>The most memory it ever held resident, bytes.</summary>
    public static long PeakRssBytes
    {
        get
        {
            if (!Directory.Exists("/proc/self"))
                return ProcessMemory.PeakResidentBytes;
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }
    }
}
