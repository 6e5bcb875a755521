using System.Text;
using System.Text.RegularExpressions;
using ChunkOta.Tests.EndToEnd;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Docs;

/// <summary>
/// What the docs tell a user to type works: the sample commands of a page run in order, against a real server.
/// </summary>
public sealed partial class SampleCommandsTests
{
    private const string SampleServer = "https://updates.example.com:7443";

    [Theory]
    [InlineData("docs/publishing.md")]
    [InlineData("docs/agent.md")]
    public async Task The_sample_commands_of_a_page_run(string page)
    {
        await using var rig = await Rig.StartAsync("Deltas:Workers=1");
        var folder = rig.PathOf("sample");
        Directory.CreateDirectory(folder);
        foreach (var name in new[] { "build", "out" }) SampleTree.Write(Path.Combine(folder, name), 0);
        File.Copy(Path.Combine(rig.Server.Data, "admin.token"), Path.Combine(folder, "admin.token"));
        WriteShim(folder, "ota-admin", Programs.AdminCommand);
        WriteShim(folder, "ota-agent", Programs.AgentCommand);
        if (page == "docs/agent.md") await PublishForAgentAsync(rig, folder);

        var script = Path.Combine(folder, "commands.sh");
        await File.WriteAllTextAsync(script, $"set -euo pipefail\ncd '{folder}'\n{CommandsOf(page, rig)}");
        var run = await ProgramRun.RunAsync(new Dictionary<string, string?>
        {
            ["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}",
            ["SSL_CERT_FILE"] = Path.Combine(rig.Server.Data, "tls.crt"),
            ["OTA_HOME"] = rig.Home,
            ["XDG_CONFIG_HOME"] = Path.Combine(folder, "config"),
            ["OTA_SERVER"] = null,
            ["OTA_TOKEN"] = null,
        }, "bash", script);

        run.Succeeded();
    }

    [Fact]
    public void Every_link_of_a_page_leads_to_a_file()
    {
        var pages = Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Repository.Root, "*.md"))
            .Concat(new[] { "Chunker", "Protos", "Store", "Server", "Agent", "perf" }.Select(
                folder => Repository.PathOf($"{folder}/README.md")));
        var broken = from page in pages
                     from Match link in Link().Matches(File.ReadAllText(page))
                     let target = link.Groups[1].Value.Split('#')[0]
                     where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
                     let path = Path.Combine(Path.GetDirectoryName(page)!, target)
                     where !File.Exists(path) && !Directory.Exists(path)
                     select $"{Path.GetRelativePath(Repository.Root, page)} → {target}";

        Assert.Empty(broken);
    }

    /// <summary>
    /// The shell blocks of a page that use our programs, with the sample's server and token id made real.
    /// </summary>
    private static string CommandsOf(string page, Rig rig)
    {
        var text = new StringBuilder();
        foreach (Match block in ShellBlock().Matches(File.ReadAllText(Repository.PathOf(page))))
        {
            foreach (var line in block.Groups[1].Value.Split('\n'))
            {
                // The server is the rig's; it runs already.
                if (!line.StartsWith("ota-server", StringComparison.Ordinal)
                    && !line.StartsWith("./", StringComparison.Ordinal)) text.AppendLine(line);
            }
        }

        Assert.Contains("ota-", text.ToString(), StringComparison.Ordinal);
        return text
            .Replace(SampleServer, rig.Server.Tls.ToString().TrimEnd('/'))
            .Replace("5d1f0c2ab97e44108f30c6e1",
                "$(ota-admin tokens list --json | jq -r '.tokens[] | select(.label == \"ci\") | .token_id')")
            .ToString();
    }

    private static async Task PublishForAgentAsync(Rig rig, string folder)
    {
        string[] options = ["--product", "myapp", "--platform", "linux-x64", "--channel", "stable", "--keys", rig.Keys];
        (await rig.AdminAsync("products", "create", "myapp", "--root", $"{rig.Keys}/root.json")).Succeeded();
        var token = await rig.AdminAsync(
            "tokens", "create", "--role", "install", "--product", "myapp", "--channel", "stable", "--root",
            $"{rig.Keys}/root.json");
        await File.WriteAllTextAsync(Path.Combine(folder, "install.token"), token.Succeeded().Out);
        // The program that the page starts.
        Directory.CreateDirectory(Path.Combine(folder, "build", "bin"));
        var program = Path.Combine(folder, "build", "bin", "myapp");
        await File.WriteAllTextAsync(program, "#!/bin/sh\n");
        File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        (await rig.AdminAsync(["publish", Path.Combine(folder, "build"), "--version", "1.4.0", .. options]))
            .Succeeded();
    }

    private static void WriteShim(string folder, string name, IEnumerable<string> command)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/sh\nexec {string.Join(' ', command.Select(word => $"'{word}'"))} \"$@\"\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [GeneratedRegex(@"```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
