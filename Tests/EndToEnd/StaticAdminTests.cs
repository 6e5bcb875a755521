using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>ota-admin as it ships, one static file, where nothing else is: against a real server, over TLS.</summary>
[Trait("Category", "StaticProgram")]
public sealed class StaticAdminTests
{
    [Fact]
    public async Task It_publishes_what_an_agent_installs()
    {
        await using var rig = await Rig.StartAsync();
        using var jail = Jail.ForAdmin();
        var tree = SampleTree.Write(jail["build"], 0);
        File.Copy($"{rig.Server.Data}/admin.token", jail["admin.token"]);
        File.Copy($"{rig.Server.Data}/tls.crt", jail["tls.crt"]);
        string[] server = ["--server", rig.Server.Tls.ToString(), "--token", "@/admin.token", "--ca", "/tls.crt"];

        (await jail.RunAsync("keys", "init", "--out", "/keys")).Succeeded();
        (await jail.RunAsync(["products", "create", "native", "--root", "/keys/root.json", .. server])).Succeeded();
        var token = (await jail.RunAsync([
            "tokens", "create", "--role", "install", "--product", "native", "--channel", "stable",
            "--root", "/keys/root.json", .. server])).Succeeded().Out.Trim();
        var published = (await jail.RunAsync([
            "publish", "/build", "--product", "native", "--version", "1.0.0", "--platform", "linux-x64",
            "--channel", "stable", "--keys", "/keys", "--json", .. server])).Succeeded().Json;
        var again = (await jail.RunAsync([
            "publish", "/build", "--product", "native", "--version", "1.0.1", "--platform", "linux-x64",
            "--channel", "stable", "--keys", "/keys", .. server])).Succeeded();

        Assert.NotEqual(0, published.GetProperty("new_chunks").GetInt64());
        Assert.Contains("1.0.1", again.Out + again.Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(rig.PathOf("native.token"), token);
        (await rig.AgentAsync(
            "install", "native", "--server", rig.Server.Tls.ToString(), "--install-token",
            $"@{rig.PathOf("native.token")}",
            "--platform", "linux-x64")).Succeeded();
        SampleTree.AssertSame(tree, Path.Combine(rig.Home, "native", "current"));
    }

    /// <summary>Tables and help are drawn by libraries whose code a trimmer could have cut.</summary>
    [Fact]
    public async Task It_says_the_same_as_the_program_that_is_compiled_at_run_time()
    {
        await using var rig = await Rig.StartAsync();
        using var jail = Jail.ForAdmin();
        await rig.PublishSampleAsync(0, "1.0.0");
        await rig.PublishSampleAsync(1, "1.1.0");
        File.Copy($"{rig.Server.Data}/admin.token", jail["admin.token"]);
        string[] server = ["--server", rig.Server.Grpc.ToString(), "--token", "@/admin.token"];

        string[][] commands =
        [
            ["stats", "app"], ["releases", "app"], ["channels", "app"], ["products", "list"], ["tokens", "list"],
            ["explain", "app", "1.0.0", "1.1.0"], ["show", "app", "1.1.0"], ["show", "app", "1.1.0", "--json"],
            ["deltas", "app"], ["forecast", "app", "1.1.0", "--from", "1.0.0=3"], ["anchors", "list", "app"],
        ];
        foreach (var command in commands)
        {
            var native = await jail.RunAsync([.. command, .. server]);
            var managed = await rig.ManagedAdminAsync(command);
            Assert.Equal(managed.Out, native.Out);
            Assert.Equal(managed.Error, native.Error);
            Assert.Equal(managed.ExitCode, native.ExitCode);
        }
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("publish", "--help")]
    [InlineData("publish", "--nonsense")]
    [InlineData("no-such-command")]
    public async Task Its_help_and_usage_errors_are_those_of_the_managed_program(params string[] arguments)
    {
        using var jail = Jail.ForAdmin();

        var native = await jail.RunAsync(arguments);
        var managed = await ProgramRun.RunAsync(
            new Dictionary<string, string?>(), "dotnet", [Programs.Admin, .. arguments]);

        Assert.Equal(managed, native);
    }

    [Fact]
    public async Task A_server_that_is_gone_is_told_in_words()
    {
        await using var rig = await Rig.StartAsync();
        using var jail = Jail.ForAdmin();
        File.Copy($"{rig.Server.Data}/admin.token", jail["admin.token"]);
        await rig.Server.StopAsync();

        var run = await jail.RunAsync("stats", "--server", rig.Server.Grpc.ToString(), "--token", "@/admin.token");

        run.Refused("SERVER_UNAVAILABLE", 8);
        Assert.DoesNotMatch("[A-Za-z]_[a-z]", run.Error);
    }
}
