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
            var all = File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path))!.AsObject() : [];
            foreach (var name in Names)
                all[name] ??= 0L;
            foreach (var (name, count) in figures)
                all[name] = (all[name]?.GetValue<long>() ?? 0) + count;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, all.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        }
    }
}
