extern alias Blake3Package;

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using ChunkOta.Chunking;
using Package = Blake3Package::Blake3.Hasher;

namespace ChunkOta.Perf;

/// <summary>Our BLAKE3 beside that of the Blake3 package: CPU time and allocated bytes of one digest.</summary>
/// <remarks>
/// Both are compiled in this process and run in turn; the fastest of many rounds counts, because other work on the
/// machine only slows a round down.
/// </remarks>
internal static partial class Blake3Comparison
{
    private const int Rounds = 60;
    private const int WarmupSeconds = 3;

    /// <summary>About how long a round takes, at 1 ns for each byte and 300 ns for each digest.</summary>
    private const int NanosecondsPerRound = 500_000;

    private static readonly int[] Lengths =
        [64, 128, 256, 512, 1 << 10, 2 << 10, 4 << 10, 8 << 10, 16 << 10, 64 << 10, 1 << 20, 4 << 20];

    /// <summary>Writes an array with one object for each length; a ratio above 1 means that ours is faster.</summary>
    public static void Write(Utf8JsonWriter json)
    {
        var data = new byte[Lengths[^1]];
        new Random(1).NextBytes(data);

        // The compiler replaces hot code in the background.
        var warm = Environment.TickCount64 + WarmupSeconds * 1000;
        while (Environment.TickCount64 < warm)
        {
            foreach (var length in Lengths) Round(data, length);
        }

        json.WriteStartArray();
        foreach (var length in Lengths)
        {
            var (ours, package) = (double.MaxValue, double.MaxValue);
            for (var round = 0; round < Rounds; round++)
            {
                var (oursNow, packageNow) = Round(data, length);
                ours = Math.Min(ours, oursNow);
                package = Math.Min(package, packageNow);
            }

            json.WriteStartObject();
            json.WriteNumber("bytes", length);
            json.WriteNumber("ours_ns", Math.Round(ours, 1));
            json.WriteNumber("package_ns", Math.Round(package, 1));
            json.WriteNumber("ratio", Math.Round(package / ours, 2));
            json.WriteNumber("ours_allocated_bytes", AllocatedBytes(() => HashAll(data, length, 1)));
            json.WriteNumber("package_allocated_bytes", AllocatedBytes(() => HashAllByPackage(data, length, 1)));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Nanoseconds of this thread's CPU for one digest, ours and theirs.</summary>
    private static (double Ours, double Package) Round(byte[] data, int length)
    {
        var count = Math.Max(1, NanosecondsPerRound / (length + 300));
        var start = ThreadNanoseconds();
        HashAll(data, length, count);
        var middle = ThreadNanoseconds();
        HashAllByPackage(data, length, count);
        return ((double)(middle - start) / count, (double)(ThreadNanoseconds() - middle) / count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void HashAll(byte[] data, int length, int count)
    {
        for (var i = 0; i < count; i++) Blake3.Hash(data.AsSpan(0, length));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void HashAllByPackage(byte[] data, int length, int count)
    {
        for (var i = 0; i < count; i++) Package.Hash(data.AsSpan(0, length));
    }

    private static long AllocatedBytes(Action action)
    {
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static long ThreadNanoseconds()
    {
        const int ThreadCpuTime = 3;
        if (GetTime(ThreadCpuTime, out var time) != 0)
            throw new InvalidOperationException($"clock_gettime failed: errno {Marshal.GetLastPInvokeError()}");
        return time.Seconds * 1_000_000_000 + time.Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
