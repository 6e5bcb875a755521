using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>The signed list of a product's servers: devices find a server at another address by themselves.</summary>
public sealed class SeveralServersTests
{
    [Fact]
    public async Task A_device_asks_the_listed_servers_in_order_and_follows_the_one_that_answers()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var moved = rig.Server.Grpc.ToString().TrimEnd('/');
        await ListAsync(rig, "http://127.0.0.1:1", moved);
        // The old address still answers: the device learns the list from it, and looks elsewhere from its next run on.
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        Assert.Equal(rig.Url, await ServerAsync(rig));

        rig.Proxy.TargetPort = 1;
        var second = SampleTree.Write(rig.PathOf("second"), 1);
        (await rig.PublishAsync(second, "1.1.0", "--server", moved)).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();

        Assert.Equal(moved, await ServerAsync(rig));
        SampleTree.AssertSame(second, rig.Current);
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
    }

    [Fact]
    public async Task A_listed_key_verifies_a_server_that_changed_it()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        var url = rig.Server.Tls.ToString().TrimEnd('/');
        (await rig.AgentAsync("install", "app", "--server", url, "--install-token", $"@{rig.TokenFile}",
            "--platform", "linux-x64")).Succeeded();

        await ListAsync(rig, $"{url},sha256:{new string('0', 64)}");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Refused("TLS_REFUSED", 5);

        // Authorities that the operator names come before what the publisher lists.
        (await rig.AgentAsync("trust", "app", "--ca", Path.Combine(rig.Server.Data, "tls.crt"))).Succeeded();
        await ListAsync(rig, $"{url},sha256:{Convert.ToHexStringLower(rig.Server.SpkiSha256)}");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
    }

    [Fact]
    public async Task A_server_with_an_old_catalogue_is_passed_over()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var stale = rig.PathOf("stale");
        await rig.RestartServerAfterAsync(data =>
        {
            using var copy = System.Diagnostics.Process.Start("cp", ["-a", data, stale]);
            copy.WaitForExit();
        });
        await using var restored = await ServerProcess.StartAsync(stale);
        await ListAsync(rig, restored.Grpc.ToString().TrimEnd('/'), rig.Url);
        await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();

        var next = await rig.PublishSampleAsync(2, "1.2.0");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();

        SampleTree.AssertSame(next, rig.Current);
        Assert.Equal(rig.Url, await ServerAsync(rig));
    }

    [Fact]
    public async Task A_list_without_servers_is_none_and_what_is_not_an_address_is_refused()
    {
        await using var rig = await Rig.StartAsync();

        (await rig.AdminAsync("products", "servers", "app", "ftp://a.example.com", "--keys", rig.Keys))
            .Refused("CONFIG_INVALID", 2);
        (await rig.AdminAsync("products", "servers", "app", "https://a.example.com,sha256:00", "--keys", rig.Keys))
            .Refused("ROOT_INVALID", 4);
        await ListAsync(rig, "https://a.example.com");
        await ListAsync(rig);
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
    }

    private static async Task ListAsync(Rig rig, params string[] servers)
    {
        (await rig.AdminAsync(["products", "servers", "app", .. servers, "--keys", rig.Keys])).Succeeded();
        (await rig.AdminAsync("products", "root", "app", "--root", $"{rig.Keys}/root.json")).Succeeded();
    }

    private static async Task<string?> ServerAsync(Rig rig)
    {
        var status = (await rig.AgentAsync("status", "app", "--json")).Json;
        return status.GetProperty("products")[0].GetProperty("server").GetString();
    }
}
