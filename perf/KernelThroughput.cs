using System.Text.Json;
using ChunkOta.Chunking;

namespace ChunkOta.Perf;

/// <summary>
/// CPU seconds of hashing and cutting one GiB, for the comparison with peers in <c>perf/side-by-side.sh</c>.
/// </summary>
/// <remarks>
/// Each figure is for one GiB, the fastest of <see cref="Passes"/> passes. "file" reads and hashes as a program would;
/// "memory" repeats the kernel alone over 4 MiB in cache, like bytes that a publisher has just read. Use "memory" to
/// compare cutting with hashing.
/// </remarks>
internal static class KernelThroughput
{
    private const int Passes = 5;
    private const int WindowBytes = 4 << 20;
    private const int ReadBytes = 256 << 10;
    private const double GiB = 1 << 30;

    public static void Run(string path)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        var window = new byte[WindowBytes];
        if (length < WindowBytes || RandomAccess.Read(file, window, 0) != WindowBytes)
            throw new InvalidOperationException($"{path} must be 4 MiB or more");

        var hasher = new Blake3Hasher();
        var buffer = new byte[ReadBytes];
        var reading = Least(length, () =>
        {
            for (long at = 0; at < length;)
            {
                var read = RandomAccess.Read(file, buffer, at);
                hasher.Append(buffer.AsSpan(0, read));
                at += read;
            }
            _ = hasher.Finish();
            hasher.Reset();
        });
        var hash = Least(WindowBytes, () => _ = Blake3.Hash(window));
        var cut = Least(WindowBytes, () =>
        {
            var parameters = CutParameters.Default;
            for (var at = 0; at < window.Length;) at += FastCdc.NextCut(window.AsSpan(at), parameters, isFinal: true);
        });

        using var output = Console.OpenStandardOutput();
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("kernel", Blake3.WidestKernel.ToString());
        json.WriteNumber("blake3_file_seconds", reading);
        json.WriteNumber("blake3_memory_seconds", hash);
        json.WriteNumber("fastcdc_memory_seconds", cut);
        json.WritePropertyName("blake3_package");
        Blake3Comparison.Write(json);
        json.WriteEndObject();
    }

    /// <summary>CPU seconds of this process for each GiB, the least of several passes after one to warm up.</summary>
    private static double Least(long bytes, Action pass)
    {
        pass();
        var least = double.MaxValue;
        for (var i = 0; i < Passes; i++)
        {
            var rounds = Math.Max(1, (int)(GiB / bytes));
            var before = Environment.CpuUsage.TotalTime;
            for (var round = 0; round < rounds; round++) pass();
            least = Math.Min(least, (Environment.CpuUsage.TotalTime - before).TotalSeconds / (rounds * (bytes / GiB)));
        }

        return least;
    }
}
