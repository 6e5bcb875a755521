using System.Diagnostics;

namespace ChunkOta.Agent;

/// <summary>What this process has used so far.</summary>
internal static class ProcessFigures
{
    /// <summary>Processor time, user and kernel, seconds.</summary>
    public static double CpuSeconds => Environment.CpuUsage.TotalTime.TotalSeconds;

    /// <summary>The most memory it ever held resident, bytes; 0 where there is no <c>/proc</c> to say.</summary>
    public static long PeakRssBytes
    {
        get
        {
            if (!Directory.Exists("/proc/self"))
                return 0;
            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }
    }
}
