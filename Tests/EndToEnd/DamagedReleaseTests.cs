using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>Installed files that are damaged, missing, changed or added, with real programs.</summary>
public sealed class DamagedReleaseTests
{
    [Fact]
    public async Task Damage_is_noticed_and_repaired_by_the_next_upgrade_and_what_was_added_stays()
    {
        await using var rig = await Rig.StartAsync();
        var tree = SampleTree.Write(rig.PathOf("tree0"), 0);
        await File.WriteAllTextAsync(Path.Combine(tree, "settings.ini"), "a=1");
        (await rig.PublishAsync(tree, "1.0.0", "--mutable", "settings.ini")).Succeeded();
        (await rig.InstallAsync()).Succeeded();
        await Flip(Path.Combine(rig.Current, "lib/large1.bin"), 700_000);
        File.Delete(Path.Combine(rig.Current, "lib/deep/small7.txt"));
        File.SetUnixFileMode(Path.Combine(rig.Current, "run.sh"), UnixFileMode.UserRead);
        await File.WriteAllTextAsync(Path.Combine(rig.Current, "app.log"), "started");
        await File.WriteAllTextAsync(Path.Combine(rig.Current, "settings.ini"), "a=2");
        Assert.Equal(10, (await rig.AgentAsync("verify", "app")).ExitCode);
        Assert.Equal(10, (await rig.AgentAsync("doctor", "app")).ExitCode);

        var result = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;

        Assert.Equal("repaired", result.GetProperty("state").GetString());
        Assert.Equal(3, result.GetProperty("repaired").GetArrayLength());
        Assert.InRange(result.GetProperty("fetched_chunk_bytes").GetInt64(), 1, 300_000);
        var verified = (await rig.AgentAsync("verify", "app", "--json")).Succeeded().Json.GetProperty("products")[0];
        Assert.Equal(["app.log"], verified.GetProperty("extra").EnumerateArray().Select(path => path.GetString()));
        Assert.Equal("a=2", await File.ReadAllTextAsync(Path.Combine(rig.Current, "settings.ini")));
        Assert.Equal("app 1.0.0 is current\n", (await rig.AgentAsync("upgrade", "app")).Succeeded().Out);

        await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        (await rig.AgentAsync("revert", "app")).Succeeded();
        Assert.Equal("started", await File.ReadAllTextAsync(Path.Combine(rig.Current, "app.log")));
    }

    [Fact]
    public async Task A_release_is_repaired_even_when_its_manifest_is_lost()
    {
        await using var rig = await Rig.StartAsync();
        var tree = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        await Flip(Path.Combine(rig.Current, "lib/large0.bin"), 5);
        foreach (var manifest in Directory.GetFiles(Path.Combine(rig.Home, "app/manifests")))
            File.Delete(manifest);

        var result = (await rig.AgentAsync("repair", "app", "--json")).Succeeded().Json;

        Assert.Equal(1, result.GetProperty("repaired").GetArrayLength());
        SampleTree.AssertSame(tree, rig.Current);
        await rig.Server.StopAsync();
        Assert.Equal("app 1.0.0 is as installed\n", (await rig.AgentAsync("repair", "app")).Succeeded().Out);
    }

    [Fact]
    public async Task An_agent_killed_at_any_rename_of_a_repair_leaves_each_file_damaged_or_right()
    {
        await using var rig = await Rig.StartAsync();
        var tree = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var files = new[] { "lib/large0.bin", "lib/large1.bin", "run.sh" };
        for (var step = 1; ; step++)
        {
            Assert.InRange(step, 1, 12);
            foreach (var file in files)
                await Flip(Path.Combine(rig.Current, file), 7);

            var run = await rig.AgentWithAsync("CHUNKOTA_FAULT", $"op=Rename;at={step};mode=kill", "repair", "app");

            if (run.ExitCode == 0)
            {
                Assert.True(step > files.Length);
                SampleTree.AssertSame(tree, rig.Current);
                return;
            }
            Assert.Equal(137, run.ExitCode);
            foreach (var file in files)
                Assert.Equal(Length(tree, file), Length(rig.Current, file));
            (await rig.AgentAsync("upgrade", "app")).Succeeded();
            SampleTree.AssertSame(tree, rig.Current);
        }
    }

    [Fact]
    public async Task G_05_On_a_disk_that_is_full_to_the_last_byte_the_doctor_says_so_and_going_back_works()
    {
        await using var rig = await Rig.StartAsync();
        await using var disk = await SmallDisk.MountAsync(rig.PathOf("small"), megabytes: 24);
        rig.Home = disk.Path;
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        Fill(Path.Combine(disk.Path, "hog"));
        (await rig.AgentAsync("revert", "app")).Succeeded();
        (await rig.AgentAsync("revert", "app", "--to", "1.1.0")).Succeeded();
        await Flip(Path.Combine(rig.Current, "lib/large0.bin"), 5);

        var report = await rig.AgentAsync("doctor", "--json");

        Assert.Equal(9, report.ExitCode);
        var errors = report.Json.GetProperty("findings").EnumerateArray()
            .Where(finding => finding.GetProperty("level").GetString() == "error")
            .Select(finding => $"{finding.GetProperty("name")} {finding.GetProperty("code")}");
        Assert.Equal(["disk DISK_FULL", "release NOT_AS_INSTALLED"], errors);
        (await rig.AgentAsync("repair", "app")).Refused("DISK_FULL", 9);
        File.Delete(Path.Combine(disk.Path, "hog"));
        Assert.Contains(
            "recovered app 1.0.0", (await rig.AgentAsync("doctor", "--recover", "app", "--yes")).Succeeded().Out,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_away_is_a_finding()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var sound = (await rig.AgentAsync("doctor")).Succeeded();
        Assert.Contains($"ok      app: server: {rig.Url} answers in ", sound.Out, StringComparison.Ordinal);

        var settings = rig.PathOf("broken.json");
        await File.WriteAllTextAsync(settings, "{");
        var broken = await rig.AgentWithAsync(
            "HTTPS_PROXY", "http://user:secret@proxy:3128", "doctor", "--config", settings);
        Assert.Equal(2, broken.ExitCode);
        Assert.Contains("error   settings: ", broken.Out, StringComparison.Ordinal);
        Assert.Contains(" goes through proxy:3128\n", broken.Out, StringComparison.Ordinal);
        Assert.Contains("ok      app: server: ", broken.Out, StringComparison.Ordinal);

        await rig.Server.StopAsync();

        var report = await rig.AgentAsync("doctor", "--json");
        Assert.Equal(8, report.ExitCode);
        Assert.Equal("SERVER_UNAVAILABLE", report.Json.GetProperty("error").GetProperty("code").GetString());
        (await rig.AgentAsync("doctor", "--recover", "app")).Succeeded();
    }

    [Fact]
    public async Task Recovery_goes_back_to_an_anchor_when_nothing_on_the_disk_is_good()
    {
        await using var rig = await Rig.StartAsync();
        var good = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.AdminAsync("anchors", "add", "app", "1.0.0")).Succeeded();
        await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.InstallAsync()).Succeeded();
        await Flip(Path.Combine(rig.Current, "lib/large0.bin"), 5);

        (await rig.AgentAsync("doctor", "--recover", "app")).Refused("USAGE", 2);
        var result = (await rig.AgentAsync("doctor", "--recover", "app", "--yes", "--json")).Succeeded().Json;

        Assert.Equal("1.0.0", result.GetProperty("version").GetString());
        SampleTree.AssertSame(good, rig.Current);
        Assert.Contains(
            "1.1.0 is not installed again", (await rig.AgentAsync("upgrade", "app")).Succeeded().Out,
            StringComparison.Ordinal);
        await rig.PublishSampleAsync(2, "1.2.0");
        Assert.Contains(
            "installed app 1.2.0", (await rig.AgentAsync("upgrade", "app")).Succeeded().Out, StringComparison.Ordinal);
    }

    private static long Length(string tree, string file) => new FileInfo(Path.Combine(tree, file)).Length;

    private static void Fill(string path)
    {
        try
        {
            using var hog = File.Create(path, bufferSize: 1);
            var bytes = new byte[65_536];
            while (true)
                hog.Write(bytes);
        }
        catch (IOException)
        {
            // The disk is full: that was the purpose.
        }
        try
        {
            using var hog = File.Open(path, FileMode.Append);
            while (true)
                hog.WriteByte(0);
        }
        catch (IOException)
        {
            return;
        }
    }

    private static async Task Flip(string path, int offset)
    {
        await using var file = File.Open(path, FileMode.Open);
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 1));
    }
}
