using System.Text.Json;
using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Perf;

/// <summary>The cost of encoding and decoding the delta of two trees, for <c>perf/delta.sh</c>.</summary>
internal static class DeltaCost
{
    /// <summary>Bytes that are encoded and decoded before anything is measured, so that all code is compiled.</summary>
    private const int WarmUpFiles = 4;

    private const long WarmUpFileBytes = 2 << 20;
    private const int WarmUpPasses = 3;

    /// <summary>Measures and prints one JSON object.</summary>
    /// <param name="from">The old tree or file.</param>
    /// <param name="to">The new one.</param>
    /// <param name="quality">Best or quick.</param>
    /// <param name="passes">The number of passes; the least CPU time and the greatest memory are shown.</param>
    public static async Task RunAsync(string from, string to, DeltaQuality quality, int passes)
    {
        var (old, fresh) = (new TreeFiles(from), new TreeFiles(to));
        var files = await TreeFiles.PairAsync(old, fresh);
        if (files.Count == 0) throw new InvalidDataException($"{to} has nothing that {from} has not");
        var pass = new DeltaPass(old, fresh, quality);
        await WarmUpAsync(pass, files);

        var (encoding, decoding) = (new List<ProcessCost>(), new List<ProcessCost>());
        for (var i = 0; i < passes; i++)
        {
            pass.Run(files);
            encoding.Add(pass.Encoding);
            decoding.Add(pass.Decoding);
        }

        var changed = files.Sum(file => file.Target.Size);
        await using var output = Console.OpenStandardOutput();
        await using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("quality", quality == DeltaQuality.Best ? "best" : "quick");
        json.WriteNumber("files", files.Count);
        json.WriteNumber("files_without_base", files.Count(file => file.Base is null));
        json.WriteNumber("changed_bytes", changed);
        json.WriteNumber("object_bytes", pass.ObjectBytes);
        Write("encode", encoding);
        Write("decode_and_hash", decoding);
        json.WriteNumber("passes", passes);
        json.WriteEndObject();

        void Write(string name, List<ProcessCost> costs)
        {
            var seconds = costs.Min(cost => cost.CpuSeconds);
            json.WriteStartObject(name);
            json.WriteNumber("cpu_seconds", Math.Round(seconds, 4));
            json.WriteNumber("cpu_seconds_per_100_mb", Math.Round(seconds * 1e8 / changed, 3));
            json.WriteNumber("peak_rss_bytes", costs.Max(cost => cost.PeakRssBytes));
            json.WriteEndObject();
        }
    }

    /// <summary>Passes over the first part of the largest files, with pauses in which the runtime compiles what is
    /// hot.</summary>
    private static async Task WarmUpAsync(DeltaPass pass, IReadOnlyList<PairedFile> files)
    {
        var largest = files.OrderByDescending(file => file.Target.Size).Take(WarmUpFiles)
            .OrderBy(file => file.Target.Entry).ToList();
        for (var i = 0; i < WarmUpPasses; i++)
        {
            pass.Run(largest, WarmUpFileBytes);
            await Task.Delay(TimeSpan.FromMilliseconds(300));
        }
    }
}
