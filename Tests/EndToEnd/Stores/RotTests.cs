using System.Net;
using System.Net.Http.Headers;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>Objects that rot under a running server: each is noticed, marked, no longer sent, and healed.</summary>
public sealed class RotTests
{
    [Fact]
    public async Task Rot_that_comes_after_a_frame_was_sent_is_called_an_attack_by_one_device_at_most()
    {
        await using var rig = await Rig.StartAsync();
        var tree = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        foreach (var pack in Objects(rig, "packs")) Flip(pack);

        rig.Home = rig.PathOf("second");
        var second = await rig.InstallAsync("--json");
        await rig.Server.WaitForLogAsync(" warn 4080 ");
        rig.Home = rig.PathOf("third");
        var third = await rig.InstallAsync("--json");

        Assert.Contains(second.Code, new[] { "CHUNK_HASH", "FRAME_INVALID", "DECOMPRESS_LIMIT", "OBJECT_DAMAGED" });
        Assert.Equal("OBJECT_DAMAGED", third.Code);
        Assert.DoesNotContain("arbitrary-software", third.Out, StringComparison.Ordinal);
        await AssertHealsAsync(rig, tree);
    }

    [Theory]
    [InlineData("manifests")]
    [InlineData("recipes")]
    public async Task A_rotten_object_is_not_sent_over_HTTP_and_counts_as_lost(string kind)
    {
        await using var rig = await Rig.StartAsync();
        var tree = await rig.PublishSampleAsync(0, "1.0.0");
        var rotten = Objects(rig, kind)[0];
        var manifest = Path.GetFileName(Objects(rig, "manifests")[0]);
        var path = kind == "manifests"
            ? $"v1/manifests/{manifest}"
            : $"v1/manifests/{manifest}/recipes/{Path.GetFileName(rotten)}";
        Flip(rotten);

        var refused = await GetAsync(rig, path);

        Assert.Equal((HttpStatusCode.InternalServerError, "OBJECT_DAMAGED"), refused);
        Assert.Contains(" warn 4080 ", rig.Server.Log, StringComparison.Ordinal);
        Assert.Contains("1 object lost", (await rig.AdminAsync("stats")).Succeeded().Out, StringComparison.Ordinal);
        await AssertHealsAsync(rig, tree);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(rig, path)).Status);
    }

    [Fact]
    public async Task A_rotten_delta_is_not_sent_over_HTTP_and_is_built_again()
    {
        await using var rig = await Rig.StartAsync("Deltas:Workers=1");
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var before = Objects(rig, "manifests");
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        var to = Path.GetFileName(Assert.Single(Objects(rig, "manifests").Except(before)));
        (await rig.AdminAsync("deltas", "app", "--wait")).Succeeded();
        var delta = Assert.Single(Objects(rig, "deltas"));
        var path = $"v1/manifests/{to}/deltas/{Path.GetFileName(delta)}";
        Flip(delta);

        Assert.Equal((HttpStatusCode.NotFound, "DELTA_UNKNOWN"), await GetAsync(rig, path));

        (await rig.AdminAsync("deltas", "app", "--wait")).Succeeded();
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(rig, path)).Status);
        var upgrade = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;
        Assert.InRange(upgrade.GetProperty("fetched_delta_bytes").GetInt64(), 1, long.MaxValue);
        SampleTree.AssertSame(second, rig.Current);
    }

    private static async Task AssertHealsAsync(Rig rig, string tree)
    {
        Assert.Equal(8, (await rig.AdminAsync("verify", "--full")).ExitCode);
        (await rig.PublishAsync(tree, "1.0.0")).Succeeded();
        (await rig.AdminAsync("verify", "--full")).Succeeded();
        rig.Home = rig.PathOf("healed");
        (await rig.InstallAsync()).Succeeded();
        SampleTree.AssertSame(tree, rig.Current);
    }

    private static async Task<(HttpStatusCode Status, string Code)> GetAsync(Rig rig, string path)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(rig.Server.Http, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", rig.Server.AdminToken);
        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, answer.Headers.TryGetValues("ota-code", out var code) ? code.Single() : "");
    }

    private static string[] Objects(Rig rig, string kind) =>
        Directory.GetFiles(Path.Combine(rig.Server.Data, "objects", kind), "*", SearchOption.AllDirectories);

    private static void Flip(string file)
    {
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var bytes = File.ReadAllBytes(file);
        // In a manifest the last bytes are its signature.
        bytes[file.Contains("manifests", StringComparison.Ordinal) ? ^1 : bytes.Length / 4] ^= 1;
        File.WriteAllBytes(file, bytes);
    }
}
