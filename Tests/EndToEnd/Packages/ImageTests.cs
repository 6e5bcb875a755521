using System.Text.Json;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Packages;

/// <summary>The server's image: docs/install.md, section Container.</summary>
[Trait("Category", "Package")]
public sealed class ImageTests
{
    private static readonly Dictionary<string, string?> Inherited = [];

    /// <summary>Word for word, in namespaces of its own, with storage and a run time that work anywhere.</summary>
    [Fact]
    public async Task It_runs_as_the_guide_says_with_a_root_that_is_read_only()
    {
        using var folder = new TemporaryFolder();
        var image = Distribution.Image("linux-x64");
        File.CreateSymbolicLink(folder[Path.GetFileName(image)], image);
        await File.WriteAllTextAsync(folder["storage.conf"], $"""
            [storage]
            driver = "vfs"
            graphroot = "{folder["storage"]}"
            runroot = "{folder["run"]}"
            """);
        await File.WriteAllTextAsync(folder["containers.conf"], $"""
            [containers]
            netns = "host"
            default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
            [engine]
            runtime = "runc"
            cgroup_manager = "cgroupfs"
            events_logger = "none"
            tmp_dir = "{folder["tmp"]}"
            """);
        await File.WriteAllTextAsync(folder["script"], $"""
            set -euo pipefail
            ip link set lo up
            cd '{folder.Path}'
            export CONTAINERS_STORAGE_CONF='{folder["storage.conf"]}' CONTAINERS_CONF='{folder["containers.conf"]}'
            trap 'podman rm --force --time 10 ota-server; podman volume rm chunkota' EXIT
            {GuideBlocks.Of("docs/install.md", "Container")}
            for attempt in $(seq 150); do podman healthcheck run ota-server && break; sleep 0.2; done
            podman healthcheck run ota-server
            podman inspect --format 'readonly={"{{.HostConfig.ReadonlyRootfs}}"}' ota-server
            process=$(podman inspect --format {"'{{.State.Pid}}'"} ota-server)
            stat -c 'user=%u' /proc/$process
            ls /proc/$process/root
            data=/proc/$process/root/var/lib/chunkota
            admin="{Repository.PathOf("artifacts/ota-admin")}"
            export OTA_SERVER=https://localhost:7443 OTA_TOKEN=@$data/admin.token
            mkdir build; seq 10000 >build/numbers
            $admin keys init --out keys
            $admin products create app --root keys/root.json --ca $data/tls.crt
            $admin publish build --product app --version 1.0.0 --platform any --channel stable --keys keys \
              --ca $data/tls.crt
            podman stop --time 30 ota-server
            podman inspect --format 'exit={"{{.State.ExitCode}}"}' ota-server
            """);

        try
        {
            var run = (await Superuser.RunAsync(
                "unshare", "--net", "--mount", "--ipc", "bash", folder["script"])).Succeeded();

            Assert.Contains("readonly=true\n", run.Out, StringComparison.Ordinal);
            Assert.Contains("user=10001\n", run.Out, StringComparison.Ordinal);
            Assert.Contains("published app 1.0.0", run.Out, StringComparison.Ordinal);
            Assert.Contains("exit=0\n", run.Out, StringComparison.Ordinal);
            Assert.DoesNotContain("\nbin\n", run.Out, StringComparison.Ordinal);
        }
        finally
        {
            await Superuser.RunAsync("rm", "-rf", folder.Path);
        }
    }

    [Theory]
    [InlineData("linux-x64", "amd64")]
    [InlineData("linux-arm64", "arm64")]
    public async Task It_says_what_it_is_for(string rid, string architecture)
    {
        var index = await JsonOfAsync(rid, "index.json");
        var manifest = await JsonOfAsync(rid, BlobOf(index.GetProperty("manifests")[0]));
        var image = await JsonOfAsync(rid, BlobOf(manifest.GetProperty("config")));
        var config = image.GetProperty("config");

        Assert.Equal(architecture, image.GetProperty("architecture").GetString());
        Assert.Equal("10001:10001", config.GetProperty("User").GetString());
        Assert.Equal("AGPL-3.0-or-later", config.GetProperty("Labels")
            .GetProperty("org.opencontainers.image.licenses").GetString());
        Assert.True(config.GetProperty("Volumes").TryGetProperty("/var/lib/chunkota", out _));
        Assert.True(config.GetProperty("ExposedPorts").TryGetProperty("7443/tcp", out _));
    }

    private static string BlobOf(JsonElement descriptor) =>
        $"blobs/{descriptor.GetProperty("digest").GetString()!.Replace(':', '/')}";

    private static async Task<JsonElement> JsonOfAsync(string rid, string name) =>
        (await ProgramRun.RunAsync(Inherited, "tar", "-xOf", Distribution.Image(rid), name)).Succeeded().Json;
}
