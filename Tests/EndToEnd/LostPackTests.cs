using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>A server whose store lost something: it says what, and any publish of the same content heals it.</summary>
public sealed class LostPackTests
{
    [Fact]
    public async Task The_same_release_published_again_heals_the_store_and_devices_install_it()
    {
        await using var rig = await Rig.StartAsync();
        var tree = await rig.PublishSampleAsync(0, "1.0.0");
        Assert.Contains("intact", (await rig.AdminAsync("verify", "--full")).Succeeded().Out, StringComparison.Ordinal);
        (await rig.InstallAsync()).Succeeded();
        foreach (var pack in Objects(rig, "packs")) File.Delete(pack);

        var found = await rig.AdminAsync("verify", "--json");
        rig.Home = rig.PathOf("other");
        var lost = await rig.InstallAsync();
        var ready = await AskAsync(rig, "readyz");
        var stats = (await rig.AdminAsync("stats")).Succeeded().Out;
        var healed = (await rig.PublishAsync(tree, "1.0.0")).Succeeded();

        Assert.Equal(8, found.ExitCode);
        Assert.Equal("OBJECT_DAMAGED", found.Json.GetProperty("error").GetProperty("code").GetString());
        var release = found.Json.GetProperty("releases")[0];
        Assert.Equal("1.0.0", release.GetProperty("version").GetString());
        Assert.Equal("stable", release.GetProperty("channels")[0].GetString());
        Assert.Equal(1, release.GetProperty("running_devices").GetInt32());
        Assert.StartsWith(
            "packs/", found.Json.GetProperty("lost_objects")[0].GetProperty("name").GetString(),
            StringComparison.Ordinal);
        var lostObject = found.Json.GetProperty("lost_objects")[0];
        Assert.Equal($"app 1.0.0 ({rig.Platform})", lostObject.GetProperty("releases")[0].GetString());
        Assert.Equal(1, lostObject.GetProperty("running_devices").GetInt32());
        Assert.Equal(1, lostObject.GetProperty("following_devices").GetInt32());
        Assert.Equal("STORE_UNAVAILABLE", lost.Code);
        Assert.StartsWith("degraded: objects lost: 1:", ready, StringComparison.Ordinal);
        Assert.Contains("1 object lost", stats, StringComparison.Ordinal);
        Assert.Contains(" warn 4080 ", rig.Server.Log, StringComparison.Ordinal);
        Assert.True(healed.Json.GetProperty("already_published").GetBoolean());
        Assert.Contains("sent again", healed.Json.GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);
        (await rig.AdminAsync("verify", "--full")).Succeeded();
        Assert.Equal("ok\n", await AskAsync(rig, "readyz"));
        (await rig.InstallAsync()).Succeeded();
        SampleTree.AssertSame(tree, rig.Current);
    }

    [Fact]
    public async Task The_next_release_is_acknowledged_only_after_what_was_lost_is_there_again()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        foreach (var pack in Objects(rig, "packs")) File.Delete(pack);

        var next = await rig.PublishSampleAsync(1, "1.1.0");

        (await rig.InstallAsync()).Succeeded();
        SampleTree.AssertSame(next, rig.Current);
    }

    [Fact]
    public async Task A_lost_manifest_is_signed_again_and_the_next_release_does_not_need_it()
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        foreach (var manifest in Objects(rig, "manifests")) File.Delete(manifest);

        (await rig.PublishAsync(first, "1.0.0")).Succeeded();
        (await rig.AdminAsync("verify", "--full")).Succeeded();
        (await rig.InstallAsync()).Succeeded();
        foreach (var manifest in Objects(rig, "manifests")) File.Delete(manifest);
        var second = await rig.PublishSampleAsync(1, "1.1.0");

        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(second, rig.Current);
    }

    [Fact]
    public async Task Rot_is_told_to_no_device_as_an_attack()
    {
        await using var rig = await Rig.StartAsync();
        var tree = await rig.PublishSampleAsync(0, "1.0.0");
        foreach (var file in Objects(rig, "packs").Concat(Objects(rig, "manifests")))
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var bytes = await File.ReadAllBytesAsync(file);
            // In a manifest the last bytes are its signature.
            bytes[file.Contains("manifests", StringComparison.Ordinal) ? ^1 : bytes.Length / 4] ^= 1;
            await File.WriteAllBytesAsync(file, bytes);
        }

        var refused = await rig.InstallAsync("--json");

        Assert.Equal("OBJECT_DAMAGED", refused.Code);
        Assert.DoesNotContain("arbitrary-software", refused.Out, StringComparison.Ordinal);
        Assert.Equal(8, (await rig.AdminAsync("verify", "--full")).ExitCode);
        (await rig.PublishAsync(tree, "1.0.0")).Succeeded();
        (await rig.AdminAsync("verify", "--full")).Succeeded();
        (await rig.InstallAsync()).Succeeded();
        SampleTree.AssertSame(tree, rig.Current);
    }

    private static async Task<string> AskAsync(Rig rig, string path)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(rig.Server.Http, path));
    }

    private static string[] Objects(Rig rig, string kind) =>
        Directory.GetFiles(Path.Combine(rig.Server.Data, "objects", kind), "*", SearchOption.AllDirectories);
}
