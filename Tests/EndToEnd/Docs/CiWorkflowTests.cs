using System.Security.Cryptography;
using System.Text.RegularExpressions;
using ChunkOta.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace ChunkOta.Tests.EndToEnd.Docs;

/// <summary>The workflows that users copy into their CI: their own shell steps publish to a real server.</summary>
public sealed partial class CiWorkflowTests
{
    private const string GitHub = "docs/ci/github-actions.yml";
    private const string GitLab = "docs/ci/gitlab-ci.yml";
    private const string ToolsVersion = "1.0.0";

    private static readonly string[] GitLabKeywords =
        ["stages", "workflow", "variables", "default", "include"];

    private static readonly string[] GitLabJobKeywords =
    [
        "stage", "image", "script", "before_script", "artifacts", "needs", "timeout", "interruptible",
        "resource_group",
    ];

    [Theory]
    [InlineData(GitHub)]
    [InlineData(GitLab)]
    public async Task Its_steps_publish_a_release_that_a_device_installs(string workflow)
    {
        await using var rig = await Rig.StartAsync("Deltas:Workers=1");
        var repository = await CheckOutAsync(rig);

        (await RunAsync(rig, workflow, repository, tag: "v1.4.0")).Succeeded();
        SampleTree.Write(Path.Combine(repository, "source"), 1);
        (await RunAsync(rig, workflow, repository, tag: "v1.4.1")).Succeeded();

        (await rig.InstallAsync("--version", "1.4.1")).Succeeded();
        SampleTree.AssertSame(Path.Combine(repository, "source"), rig.Current);
        var channel = (await rig.AdminAsync("channels", "app", "--json")).Succeeded().Out;
        Assert.Contains("\"1.4.1\"", channel, StringComparison.Ordinal);
        var deltas = (await rig.AdminAsync("deltas", "app", "--json")).Succeeded().Out;
        Assert.Contains("1.4.1", deltas, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(GitHub)]
    [InlineData(GitLab)]
    public async Task An_archive_that_is_not_the_pinned_one_is_never_run(string workflow)
    {
        await using var rig = await Rig.StartAsync();
        var repository = await CheckOutAsync(rig);
        await File.AppendAllTextAsync(Path.Combine(repository, "tools/SHA256SUMS"), "\n");

        var run = await RunAsync(rig, workflow, repository, tag: "v1.4.0", sums: rig.PathOf("sums"));

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("SHA256SUMS: FAILED", run.Out + run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(repository, "ran")));
    }

    [Fact]
    public void The_GitHub_workflow_has_the_shape_of_one()
    {
        var root = Load(GitHub);

        Assert.Equal(["name", "on", "permissions", "concurrency", "jobs"], KeysOf(root));
        Assert.Equal("read", Text(Map(root, "permissions").Children["contents"]));
        foreach (var (_, job) in Map(root, "jobs").Children)
        {
            Assert.NotEqual("", Text(((YamlMappingNode)job).Children["runs-on"]));
            Assert.NotEqual("", Text(((YamlMappingNode)job).Children["timeout-minutes"]));
            Assert.All(StepsOf((YamlMappingNode)job), step =>
            {
                Assert.True(step.Children.ContainsKey("run") != step.Children.ContainsKey("uses"));
                Assert.All(KeysOf(step), key => Assert.Contains(key, new[] { "name", "uses", "run", "env" }));
            });
        }
        // An expression inside a script would put what it says into the shell's syntax.
        Assert.All(StepsOf(Map(Map(root, "jobs"), "publish")), step =>
            Assert.False(step.Children.TryGetValue("run", out var run) && Expression().IsMatch(Text(run))));
    }

    [Fact]
    public void The_GitLab_pipeline_has_the_shape_of_one()
    {
        var root = Load(GitLab);
        var stages = ((YamlSequenceNode)root.Children["stages"]).Select(Text).ToArray();

        foreach (var (key, job) in root.Children.Where(child => !GitLabKeywords.Contains(Text(child.Key))))
        {
            var keys = KeysOf((YamlMappingNode)job);
            Assert.Contains("script", keys);
            Assert.All(keys, keyword => Assert.Contains(keyword, GitLabJobKeywords));
            Assert.Contains(Text(((YamlMappingNode)job).Children["stage"]), stages);
            Assert.NotEqual("", Text(key));
        }
    }

    [Fact]
    public void The_page_names_every_variable_and_secret()
    {
        var page = File.ReadAllText(Repository.PathOf("docs/ci/README.md"));
        var named = Expression().Matches(File.ReadAllText(Repository.PathOf(GitHub)))
            .Select(match => match.Groups["name"].Value)
            .Concat(Variable().Matches(File.ReadAllText(Repository.PathOf(GitLab))).Select(match => match.Value[1..]))
            .Distinct().Where(name => name != "OTA_PLATFORM").ToArray();

        Assert.Contains("OTA_TOKEN", named);
        Assert.All(named, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    /// <summary>Lays out a repository to release from, and the place that the tools are downloaded from.</summary>
    private static async Task<string> CheckOutAsync(Rig rig)
    {
        var repository = rig.PathOf("repository");
        SampleTree.Write(Path.Combine(repository, "source"), 0);
        Directory.CreateDirectory(Path.Combine(repository, "keys"));
        File.Copy($"{rig.Keys}/root.json", Path.Combine(repository, "keys/root.json"));
        await WriteProgramAsync(
            Path.Combine(repository, "build.sh"), "rm -rf \"$1\" && cp -a source \"$1\"");
        await WriteProgramAsync(Path.Combine(repository, "bin/apt-get"), "exit 0");

        var name = $"ota-admin-{ToolsVersion}-linux-x64";
        var tools = Path.Combine(repository, "tools");
        await WriteProgramAsync(
            Path.Combine(tools, name, "ota-admin"),
            $"touch '{repository}/ran'\nexec dotnet '{Programs.Admin}' \"$@\"");
        (await ProgramRun.RunAsync(
            new Dictionary<string, string?>(), "bash", "-c",
            $"cd '{tools}' && tar -czf {name}.tar.gz {name} && sha256sum {name}.tar.gz > SHA256SUMS "
            + $"&& cp SHA256SUMS '{rig.PathOf("sums")}'")).Succeeded();
        return repository;
    }

    private static async Task WriteProgramAsync(string path, string script)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static async Task<ProgramRun> RunAsync(
        Rig rig, string workflow, string repository, string tag, string? sums = null)
    {
        var token = await rig.AdminAsync(
            "tokens", "create", "--role", "publisher", "--product", "app", "--label", "ci");
        var given = new Dictionary<string, string>
        {
            ["OTA_SERVER"] = rig.Url,
            ["OTA_PRODUCT"] = "app",
            ["OTA_CHANNEL"] = "stable",
            ["OTA_TOOLS"] = $"file://{repository}/tools",
            ["OTA_TOOLS_VERSION"] = ToolsVersion,
            ["OTA_TOOLS_SUMS_SHA256"] = Convert.ToHexStringLower(
                SHA256.HashData(await File.ReadAllBytesAsync(sums ?? $"{repository}/tools/SHA256SUMS"))),
            ["OTA_TOKEN"] = token.Succeeded().Out.Trim(),
            ["OTA_RELEASE_KEY"] = await File.ReadAllTextAsync($"{rig.Keys}/release.key"),
            ["OTA_CHANNEL_KEY"] = await File.ReadAllTextAsync($"{rig.Keys}/channel.key"),
        };
        var scripts = workflow == GitHub ? GitHubScripts(given) : GitLabScripts(given);
        ProgramRun? last = null;
        foreach (var (script, environment) in scripts)
        {
            environment["PATH"] = $"{repository}/bin:{Environment.GetEnvironmentVariable("PATH")}";
            environment["GITHUB_REF_NAME"] = environment["CI_COMMIT_TAG"] = tag;
            environment["GITHUB_STEP_SUMMARY"] = $"{repository}/summary.md";
            environment["OTA_CA"] = null;
            last = await ProgramRun.RunAsync(environment, "bash", "-e", "-c", $"cd '{repository}'\n{script}");
            if (last.ExitCode != 0) break;
        }
        return last!;
    }

    /// <summary>The steps of the workflow, each a shell of its own with the environment that it is given.</summary>
    private static IEnumerable<(string Script, Dictionary<string, string?> Environment)> GitHubScripts(
        Dictionary<string, string> given)
    {
        var job = Map(Map(Load(GitHub), "jobs"), "publish");
        foreach (var step in StepsOf(job).Where(step => step.Children.ContainsKey("run")))
        {
            var environment = new Dictionary<string, string?>();
            foreach (var source in new[] { job, step }.Where(source => source.Children.ContainsKey("env")))
            {
                foreach (var (name, value) in Map(source, "env").Children)
                {
                    environment[Text(name)] = Expression().Replace(
                        Text(value), match => given[match.Groups["name"].Value]);
                }
            }
            yield return (Text(step.Children["run"]), environment);
        }
    }

    /// <summary>The jobs of the pipeline, each a shell of its own; all settings are variables of it.</summary>
    private static IEnumerable<(string Script, Dictionary<string, string?> Environment)> GitLabScripts(
        Dictionary<string, string> given)
    {
        var root = Load(GitLab);
        foreach (var (_, job) in root.Children.Where(child => !GitLabKeywords.Contains(Text(child.Key))))
        {
            var environment = given.ToDictionary(pair => pair.Key, pair => (string?)pair.Value);
            foreach (var (name, value) in Map(root, "variables").Children)
                environment[Text(name)] = Text(value);
            var lines = from key in new[] { "before_script", "script" }
                        where ((YamlMappingNode)job).Children.ContainsKey(key)
                        from line in (YamlSequenceNode)((YamlMappingNode)job).Children[key]
                        select Text(line);
            yield return (string.Join('\n', lines), environment);
        }
    }

    private static YamlMappingNode Load(string path)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(Repository.PathOf(path));
        stream.Load(reader);
        return (YamlMappingNode)Assert.Single(stream.Documents).RootNode;
    }

    private static IEnumerable<YamlMappingNode> StepsOf(YamlMappingNode job) =>
        ((YamlSequenceNode)job.Children["steps"]).Cast<YamlMappingNode>();

    private static YamlMappingNode Map(YamlMappingNode node, string key) => (YamlMappingNode)node.Children[key];

    private static string[] KeysOf(YamlMappingNode node) => [.. node.Children.Keys.Select(Text)];

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";

    [GeneratedRegex(@"\$\{\{ *(?:vars|secrets)\.(?<name>[A-Z_0-9]+) *\}\}")]
    private static partial Regex Expression();

    [GeneratedRegex(@"\$OTA_[A-Z_0-9]+")]
    private static partial Regex Variable();
}
