using System.Text.Json;
using ChunkOta.Agent;

namespace ChunkOta.Tests.Agent.Reports;

public sealed class ReportJsonTests
{
    [Fact]
    public void A_result_has_its_figures_beside_its_outcome()
    {
        var result = new UpdateResult
        {
            Product = "editor",
            Version = "1.1.0",
            FromVersion = "1.0.0",
            Platform = "any",
            ManifestDigest = default,
            State = UpdateState.Installed,
        };

        using var json = JsonDocument.Parse(JsonSerializer.Serialize(result, ReportJson.Update));

        Assert.Equal(
            [
                "build", "changed_bytes", "cpu_seconds", "delta_files", "download_bytes", "fetched_chunk_bytes",
                "fetched_delta_bytes", "files", "from_version", "is_reported", "kept_files", "manifest_digest",
                "needs_restart", "next_check_seconds", "peak_disk_bytes", "peak_inodes", "peak_rss_bytes", "platform",
                "product", "reused_bytes", "seconds", "state", "tree_bytes", "version", "warnings", "wire_bytes_down",
                "wire_bytes_up",
            ],
            json.RootElement.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal));
        Assert.Equal("installed", json.RootElement.GetProperty("state").GetString());
        Assert.Equal(
            ["activate", "check", "fetch", "plan", "total", "verify"],
            json.RootElement.GetProperty("seconds").EnumerateObject().Select(property => property.Name).Order());
    }

    [Fact]
    public void A_dry_run_lists_its_steps_by_words()
    {
        var result = new UpdateResult
        {
            Product = "editor",
            Version = "1.1.0",
            Platform = "any",
            ManifestDigest = default,
            State = UpdateState.Planned,
            Kinds = [new ActionFigures(FileAction.Chunks, 1, 20, 10)],
            Steps = [new FileStep("lib/a", FileAction.Chunks, 20, 10)],
        };

        using var json = JsonDocument.Parse(JsonSerializer.Serialize(result, ReportJson.Update));

        Assert.Equal(
            """[{"action":"chunks","entries":1,"size_bytes":20,"fetch_bytes":10}]""",
            json.RootElement.GetProperty("kinds").GetRawText());
        Assert.Equal(
            """[{"path":"lib/a","action":"chunks","size_bytes":20,"fetch_bytes":10}]""",
            json.RootElement.GetProperty("steps").GetRawText());
    }
}
