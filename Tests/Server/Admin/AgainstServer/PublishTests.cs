using System.Text.Json;
using ChunkOta.Chunking;

namespace ChunkOta.Tests.Admin.AgainstServer;

public sealed class PublishTests(AdminBench bench) : IClassFixture<AdminBench>
{
    [Fact]
    public async Task A_published_tree_is_on_the_server_chunk_by_chunk()
    {
        var product = await bench.CreateProductAsync();
        var big = product.Write("bin/big", 900_000);
        var small = product.Write("etc/small", 700);
        product.Write("etc/copy", 700);
        product.Write("none", 0);
        Directory.CreateDirectory(Path.Combine(product.Tree, "var/empty"));
        File.CreateSymbolicLink(Path.Combine(product.Tree, "bin/link"), "../etc/small");

        var report = await bench.AnswerAsync(product.Publish("1.0.0"));
        var shown = await bench.AnswerAsync("show", product.Name, "1.0.0", "--chunks", "--root", product.Root);

        Assert.Equal(4, report.GetProperty("files").GetInt32());
        Assert.Equal(901_400, report.GetProperty("logical_bytes").GetInt64());
        Assert.Equal(900_700, report.GetProperty("new_plain_bytes").GetInt64());
        Assert.Equal(1, report.GetProperty("counter").GetInt32());
        Assert.False(report.GetProperty("already_published").GetBoolean());
        Assert.InRange(report.GetProperty("wire_bytes_up").GetInt64(), 900_700, 960_000);
        Assert.True(shown.GetProperty("verified").GetBoolean());
        var entries = shown.GetProperty("entries")
            .EnumerateArray().ToDictionary(entry => entry.GetProperty("path").GetString()!);
        Assert.Equal(["bin/big", "bin/link", "etc/copy", "etc/small", "none", "var/empty"], entries.Keys);
        Assert.Equal(Digest.Of(big).ToString(), entries["bin/big"].GetProperty("digest").GetString());
        AssertChunks(big, entries["bin/big"]);
        AssertChunks(small, entries["etc/small"]);
        Assert.Equal("../etc/small", entries["bin/link"].GetProperty("link_target").GetString());
        Assert.Equal("directory", entries["var/empty"].GetProperty("kind").GetString());
    }

    [Fact]
    public async Task The_same_release_again_is_fine_and_sends_no_chunk()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 400_000);
        var first = await bench.AnswerAsync(product.Publish("1.0.0"));

        var again = await bench.AnswerAsync(product.Publish("1.0.0"));

        Assert.True(again.GetProperty("already_published").GetBoolean());
        Assert.Equal(0, again.GetProperty("new_chunks").GetInt32());
        Assert.Equal(400_000, again.GetProperty("reused_plain_bytes").GetInt64());
        Assert.InRange(again.GetProperty("wire_bytes_up").GetInt64(), 100, 10_000);
        Assert.Equal(
            first.GetProperty("manifest_digest").GetString(), again.GetProperty("manifest_digest").GetString());
        Assert.Equal(
            1, Line(await bench.AnswerAsync("channels", product.Name), "channels").GetProperty("seq").GetInt32());
    }

    [Fact]
    public async Task An_unchanged_tree_as_a_new_version_sends_its_difference_alone()
    {
        var product = await bench.CreateProductAsync();
        for (var i = 0; i < 300; i++)
            product.Write($"lib/file{i}", 100 + i, seed: i);
        product.Write("large", 900_000, seed: 1_000);
        await bench.AnswerAsync(product.Publish("1.0.0"));

        // The program itself, whose settings of the HTTP client count.
        var next = (await AdminProcess.RunAsync(
            [
                .. product.Publish("1.0.1"), "--server", bench.Server.Tls.ToString(),
                "--ca", bench.PathOf("data/tls.crt"), "--token", $"@{bench.TokenFile}", "--json",
            ])).Succeeded().Json;
        var shown = await bench.AnswerAsync("show", product.Name, "1.0.1", "--root", product.Root);

        Assert.False(next.GetProperty("already_published").GetBoolean());
        Assert.InRange(next.GetProperty("wire_bytes_up").GetInt64(), 500, 2_000);
        Assert.True(shown.GetProperty("verified").GetBoolean());
        Assert.Equal(301, shown.GetProperty("entries").GetArrayLength());
    }

    [Fact]
    public async Task A_publish_at_a_limited_rate_arrives_whole()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 400_000);

        var report = await bench.AnswerAsync(product.Publish("1.0.0", "stable", "--limit-upload", "1MB/s"));

        Assert.Equal(400_000, report.GetProperty("new_plain_bytes").GetInt64());
        foreach (var rate in (string[])["9kB/s", "fast", "-1MB/s"])
        {
            Assert.Equal(
                "USAGE", await bench.RefusalAsync(2, product.Publish("1.0.1", "stable", $"--limit-upload={rate}")));
        }
    }

    [Fact]
    public async Task The_same_release_on_another_channel_moves_that_channel_alone()
    {
        var product = await bench.PublishProductAsync(50_000);

        var again = await bench.AnswerAsync(product.Publish("1.0.0", "beta", "--create-channel"));

        Assert.True(again.GetProperty("already_published").GetBoolean());
        var release = Line(await bench.AnswerAsync("releases", product.Name), "releases");
        Assert.Equal(["beta", "stable"],
            release.GetProperty("channels").EnumerateArray().Select(name => name.GetString()).Order());
    }

    [Fact]
    public async Task The_same_release_again_renews_a_channel_that_has_expired()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);
        await bench.AnswerAsync(product.Publish("1.0.0", "stable", "--pointer-life", "1s"));
        bench.Clock.Advance(TimeSpan.FromSeconds(2));

        await bench.AnswerAsync(product.Publish("1.0.0"));

        Assert.Equal(
            2, Line(await bench.AnswerAsync("channels", product.Name), "channels").GetProperty("seq").GetInt32());
    }

    [Fact]
    public async Task Other_content_under_a_published_version_is_refused_and_changes_nothing()
    {
        var product = await bench.PublishProductAsync(50_000);
        var before = await bench.AnswerAsync("releases", product.Name);
        product.Write("file", 50_000, seed: 2);

        Assert.Equal("VERSION_TAKEN", await bench.RefusalAsync(7, product.Publish("1.0.0")));

        Assert.Equal(before.GetRawText(), (await bench.AnswerAsync("releases", product.Name)).GetRawText());
    }

    [Fact]
    public async Task A_version_that_is_not_greater_is_refused_unless_it_is_meant()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 5_000);
        await bench.AnswerAsync(product.Publish("1.0.1"));
        product.Write("file", 5_000, seed: 2);

        Assert.Equal("VERSION_NOT_GREATER", await bench.RefusalAsync(7, product.Publish("1.0.0")));

        var older = await bench.AnswerAsync(product.Publish("1.0.0", "stable", "--allow-older"));
        Assert.Equal(2, older.GetProperty("counter").GetInt32());
    }

    [Fact]
    public async Task An_unchanged_tree_is_hashed_and_never_cut()
    {
        var product = await bench.CreateProductAsync();
        product.Write("a", 500_000);
        product.Write("b", 3_000);
        await bench.AnswerAsync(product.Publish("1.0.0"));

        var run = await bench.RunAsync(product.Publish("1.0.1"));

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("hashing: 503.0 kB", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("cutting", run.Error, StringComparison.Ordinal);
        Assert.Contains("0 of ", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_in_a_large_file_sends_the_chunks_around_it_alone()
    {
        var product = await bench.CreateProductAsync();
        var content = product.Write("large", 4_000_000);
        await bench.AnswerAsync(product.Publish("1.0.0"));
        await File.WriteAllBytesAsync(
            Path.Combine(product.Tree, "moved"), [.. content[..2_000_000], 1, 2, 3, .. content[2_000_000..]]);
        File.Delete(Path.Combine(product.Tree, "large"));

        var report = await bench.AnswerAsync(product.Publish("1.1.0"));

        Assert.InRange(report.GetProperty("new_plain_bytes").GetInt64(), 3, 3 * 262_144);
    }

    [Fact]
    public async Task A_file_of_an_older_release_is_cut_here_and_not_sent()
    {
        var product = await bench.CreateProductAsync();
        var content = product.Write("file", 600_000);
        await bench.AnswerAsync(product.Publish("1.0.0"));
        product.Write("file", 10, seed: 2);
        await bench.AnswerAsync(product.Publish("1.1.0", "stable", "--allow-shrink"));
        await File.WriteAllBytesAsync(Path.Combine(product.Tree, "back"), content);

        var report = await bench.AnswerAsync(product.Publish("1.2.0"));

        Assert.Equal(0, report.GetProperty("new_chunks").GetInt32());
        Assert.InRange(report.GetProperty("wire_bytes_up").GetInt64(), 100, 20_000);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_sent_and_sends_nothing()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 300_000);

        var planned = await bench.AnswerAsync(product.Publish("1.0.0", "stable", "--dry-run"));

        Assert.Equal(300_000, planned.GetProperty("new_plain_bytes").GetInt64());
        Assert.Empty((await bench.AnswerAsync("releases", product.Name)).GetProperty("releases").EnumerateArray());
        Assert.Equal(
            300_000, (await bench.AnswerAsync(product.Publish("1.0.0"))).GetProperty("new_plain_bytes").GetInt64());
    }

    [Fact]
    public async Task Publishers_at_once_all_succeed_and_are_counted()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 20_000);

        var reports = await Task.WhenAll(Enumerable.Range(1, 3).Select(
            number => bench.AnswerAsync(product.Publish($"1.0.{number}", $"channel{number}", "--create-channel"))));

        Assert.Equal([1, 2, 3], reports.Select(report => report.GetProperty("counter").GetInt32()).Order());
    }

    [Fact]
    public async Task A_tree_that_devices_would_refuse_is_refused_before_the_server_hears_of_it()
    {
        var product = await bench.CreateProductAsync();
        product.Write("name", 10);
        product.Write("NAME", 10);

        Assert.Equal("PATH_COLLISION", await bench.RefusalAsync(2, product.Publish("1.0.0")));

        Assert.Empty((await bench.AnswerAsync("releases", product.Name)).GetProperty("releases").EnumerateArray());
        await bench.AnswerAsync(product.Publish("1.0.0", "stable", "--portable", "off"));
    }

    [Fact]
    public async Task A_release_may_be_empty()
    {
        var product = await bench.CreateProductAsync();

        var report = await bench.AnswerAsync(product.Publish("1.0.0", "stable", "--allow-empty"));

        Assert.Equal(0, report.GetProperty("chunks").GetInt32());
        Assert.Empty((await bench.AnswerAsync("show", product.Name, "1.0.0")).GetProperty("entries").EnumerateArray());
    }

    [Fact]
    public async Task Notes_and_floor_are_part_of_the_release()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 10);
        await File.WriteAllTextAsync(bench.PathOf("notes"), "Fixes the ä.");

        await bench.AnswerAsync(product.Publish("1.0.0", "stable", "--notes", bench.PathOf("notes"), "--floor", "1"));

        var shown = await bench.AnswerAsync("show", product.Name, "1.0.0", "--root", product.Root);
        Assert.Equal("Fixes the ä.", shown.GetProperty("notes").GetString());
        Assert.Equal("USAGE", await bench.RefusalAsync(2, product.Publish("1.0.1", "stable", "--floor", "9")));
    }

    private static JsonElement Line(JsonElement answer, string list) =>
        Assert.Single(answer.GetProperty(list).EnumerateArray());

    private static void AssertChunks(byte[] content, JsonElement entry)
    {
        var offset = 0;
        foreach (var chunk in entry.GetProperty("chunks").EnumerateArray())
        {
            var length = chunk.GetProperty("length_bytes").GetInt32();
            Assert.Equal(Digest.Of(content.AsSpan(offset, length)).ToString(), chunk.GetProperty("hash").GetString());
            offset += length;
        }

        Assert.Equal(content.Length, offset);
    }
}
