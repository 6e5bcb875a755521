using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Perf;

/// <summary>perf/peers/table.sh, which writes the comparison that docs/performance.md quotes.</summary>
public sealed class PeersTableTests
{
    [Fact]
    public async Task The_later_line_of_a_peer_counts()
    {
        var table = await TableAsync(Row("ours", 900_000), Row("ostree", 500_000), Row("ours", 450_000));

        Assert.Contains("| esbuild 1.0.0 → 1.0.1 | 11.4 | 0.45 | 0.5 | 0.9 |", table);
    }

    [Fact]
    public async Task A_peer_that_failed_is_shown_with_its_reason()
    {
        var table = await TableAsync(
            Row("ours", 450_000),
            """{"family":"esbuild","from":"1.0.0","to":"1.0.1","peer":"zsync","bytes":null,"""
            + """ "reason":"not done in 9 s","date":"2026-11-21","commit":"abc","machine":"m"}""");

        Assert.Contains("| esbuild 1.0.0 → 1.0.1 | 11.4 | 0.45 | – |  |", table);
        Assert.Contains("- zsync, esbuild 1.0.0 → 1.0.1: not done in 9 s", table);
    }

    [Fact]
    public async Task Upgrades_stand_in_the_order_of_the_families_and_of_their_versions()
    {
        var table = await TableAsync(
            Row("ours", 1, "next"), Row("ours", 1, "esbuild", "1.10.0"), Row("ours", 1, "esbuild", "1.9.0"));

        var upgrades = table.Where(line => line.EndsWith("|  |", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[1..3]);
        Assert.Equal([["esbuild", "1.9.0"], ["esbuild", "1.10.0"], ["next", "1.0.0"]], upgrades);
    }

    private static string Row(string peer, long bytes, string family = "esbuild", string from = "1.0.0") =>
        $$$"""{"family":"{{{family}}}","from":"{{{from}}}","to":"1.0.1","peer":"{{{peer}}}","version":"1","""
        + $$$""" "tree_bytes":11400000,"bytes":{{{bytes}}},"""
        + """ "publisher":{"cpu_seconds":1.04,"peak_rss_bytes":2000000},"""
        + """ "client":{"cpu_seconds":0.1,"peak_rss_bytes":1000000},"""
        + """ "details":{"agent":"static"},"date":"2026-11-21","commit":"abc","machine":"m"}""";

    private static async Task<string[]> TableAsync(params string[] rows)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["rows"], rows);
        var run = await ProgramRun.RunAsync(
            new Dictionary<string, string?>(), Repository.PathOf("perf/peers/table.sh"), folder["rows"]);
        return run.Succeeded().Out.Split('\n');
    }
}
