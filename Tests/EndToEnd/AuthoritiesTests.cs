using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>The system's certificate authorities are read where the server is verified by them, and nowhere else.
/// </summary>
public sealed class AuthoritiesTests
{
    [FactIfInstalled("strace")]
    public async Task A_device_that_pins_its_servers_key_reads_no_authorities()
    {
        await using var rig = await InstalledAsync();
        var log = rig.PathOf("opened");

        var run = await ProgramRun.RunAsync(
            new Dictionary<string, string?> { ["OTA_HOME"] = rig.Home }, "strace",
            ["-f", "-qq", "-e", "trace=open,openat", "-o", log, .. Programs.AgentCommand, "upgrade", "app"]);

        Assert.Equal("app 1.0.0 is current\n", run.Succeeded().Out);
        var opened = await File.ReadAllLinesAsync(log);
        Assert.Contains(opened, line => line.Contains($"{rig.Home}/app", StringComparison.Ordinal));
        Assert.DoesNotContain(
            opened, line => line.Contains("/certs", StringComparison.Ordinal)
                || line.Contains("ca-certificates", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SSL_CERT_FILE", "authorities/tls.crt")]
    [InlineData("SSL_CERT_DIR", "authorities")]
    public async Task The_systems_authorities_are_those_that_its_variables_name(string variable, string path)
    {
        await using var rig = await InstalledAsync();
        Directory.CreateDirectory(rig.PathOf("authorities"));
        File.Copy(Path.Combine(rig.Server.Data, "tls.crt"), rig.PathOf("authorities/tls.crt"));
        (await rig.AgentAsync("trust", "app", "--system-ca")).Refused("TLS_REFUSED", 5);

        (await rig.AgentWithAsync(variable, rig.PathOf(path), "trust", "app", "--system-ca")).Succeeded();

        (await rig.AgentWithAsync(variable, rig.PathOf(path), "upgrade", "app")).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Refused("TLS_REFUSED", 5);
    }

    [Fact]
    public async Task A_program_that_the_agent_starts_sees_the_variables_as_they_were()
    {
        await using var rig = await InstalledAsync();

        var set = await rig.AgentWithAsync("SSL_CERT_DIR", "/some/folder", "run", "app", "--", "variables");
        var unset = await rig.AgentAsync("run", "app", "--", "variables");

        Assert.Equal("/some/folder\n", set.Succeeded().Out);
        Assert.Equal(Environment.GetEnvironmentVariable("SSL_CERT_DIR") ?? "none", unset.Succeeded().Out.TrimEnd('\n'));
    }

    /// <summary>A device that is enrolled over TLS, with a program that prints a variable.</summary>
    private static async Task<Rig> InstalledAsync()
    {
        var rig = await Rig.StartAsync();
        var tree = Directory.CreateDirectory(rig.PathOf("tree")).FullName;
        var program = Path.Combine(tree, "variables");
        await File.WriteAllTextAsync(program, "#!/bin/sh\necho ${SSL_CERT_DIR-none}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        (await rig.PublishAsync(tree, "1.0.0")).Succeeded();
        (await rig.AgentAsync(
            "install", "app", "--server", rig.Server.Tls.ToString(), "--install-token", $"@{rig.TokenFile}",
            "--platform", rig.Platform)).Succeeded();
        return rig;
    }
}
