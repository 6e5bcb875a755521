using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChunkOta.Tests.Support;

/// <summary>The figures of the fault injection: how many faults of each kind were tried in this run, and how many broke
/// something.</summary>
/// <remarks>They add up in one file, <c>artifacts/faults.json</c> or the one that OTA_FAULT_FIGURES names, over all
/// test assemblies of a run; <c>test.sh</c> and <c>eng/release-gate.sh</c> begin it anew.</remarks>
internal static class FaultFigures
{
    private const string Variable = "OTA_FAULT_FIGURES";

    private static readonly string[] Names =
        ["kill_points", "sigkills", "power_cuts", "compound_faults", "crash_states", "broken"];

    private static readonly Lock Writing = new();

    /// <summary>Adds counts to the file.</summary>
    public static void Add(params ReadOnlySpan<(string Name, long Count)> figures)
    {
        var path = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? named
            : Repository.PathOf("artifacts/faults.json");
        lock (Writing)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            // Another test assembly may run at the same time.
            using var file = OpenAlone(path);
            var all = file.Length > 0 ? JsonNode.Parse(file)!.AsObject() : [];
            foreach (var name in Names)
                all[name] ??= 0L;
            foreach (var (name, count) in figures)
                all[name] = (all[name]?.GetValue<long>() ?? 0) + count;
            file.SetLength(0);
            file.Write(Encoding.UTF8.GetBytes(
                all.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n"));
        }
    }

    private static FileStream OpenAlone(string path)
    {
        using var pause = new ManualResetEventSlim();
        for (var tries = 0; ; tries++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (tries < 1000)
            {
                _ = pause.Wait(10);
            }
        }
    }
}
