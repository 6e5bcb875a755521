using System.Text.RegularExpressions;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Watching;

/// <summary>The settings of <c>ota-agent</c> as a process reads them: file, environment, command line.</summary>
public sealed partial class SettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        var file = _folder["ota-agent.json"];
        await File.WriteAllTextAsync(
            file, """{ "StallSeconds": 20, "Watch": { "PollSeconds": 60, "Niceness": 5, "TimeZone": "+01:00" } }""");

        var run = await CheckAsync(
            new()
            {
                ["OTA_AGENT_CONFIG"] = file,
                ["OTA_AGENT__Watch__Niceness"] = "6",
                ["OTA_AGENT__Watch__TimeZone"] = "+02:00",
            },
            "Watch:TimeZone=+03:00");

        var lines = run.Succeeded().Out.Split('\n');
        Assert.Contains("StallSeconds=20", lines);
        Assert.Contains("Watch:PollSeconds=60", lines);
        Assert.Contains("Watch:Niceness=6", lines);
        Assert.Contains("Watch:TimeZone=+03:00", lines);
    }

    [Theory]
    [InlineData("""{ "Watch": { "PolSeconds": 60 } }""", "Watch:PolSeconds is not a setting")]
    [InlineData("""{ "Products": { "a": { "Health": { "Sec": 1 } } } }""", "Products:a:Health:Sec is not a setting")]
    [InlineData("""{ "Watch": { "PollSeconds": 1, "pollseconds": 2 } }""", "Watch:pollseconds is given twice")]
    [InlineData("""{ "Watch": { "PollSeconds": "soon" } }""", "Watch:PollSeconds must be a whole number")]
    [InlineData("""{ "Watch": { "PollSeconds": 1.5 } }""", "Watch:PollSeconds must be a whole number")]
    [InlineData("""{ "Watch": { "PauseOnBattery": 1 } }""", "Watch:PauseOnBattery must be true or false")]
    [InlineData("""{ "Watch": { "TimeZone": 1 } }""", "Watch:TimeZone must be a text")]
    [InlineData("""{ "Watch": { "MaintenanceWindows": [1] } }""", "Watch:MaintenanceWindows must be a list of texts")]
    [InlineData("""{ "Watch": [] }""", "Watch must be an object")]
    [InlineData("""{ "Products": { "a": null } }""", "Products:a must not be null")]
    [InlineData("null", "the file must not be null")]
    [InlineData("{ \"Watch\":\n", "it is not valid JSON in line 2, at byte 0")]
    [InlineData("", "it is not valid JSON in line 1, at byte 0")]
    public async Task A_file_with_a_fault_stops_every_command_in_words(string text, string fault)
    {
        var file = _folder["ota-agent.json"];
        await File.WriteAllTextAsync(file, text);
        foreach (var command in new[] { "config check", "watch", "status" })
        {
            var run = await RunAsync(new() { ["OTA_AGENT_CONFIG"] = file }, command.Split(' '));

            run.Refused("CONFIG_INVALID", 2);
            Assert.Contains($"{file} cannot be used: {fault}\n", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_variable_with_an_unknown_key_is_an_error()
    {
        var run = await CheckAsync(new() { ["OTA_AGENT__Watch__PolSeconds"] = "60" });

        run.Refused("CONFIG_INVALID", 2);
        Assert.Contains("Watch:PolSeconds is not a setting\n", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Read by its program as well as by people: a setting that is missing takes effect unseen.</summary>
    [Fact]
    public async Task Every_documented_setting_is_printed()
    {
        var file = _folder["ota-agent.json"];
        await File.WriteAllTextAsync(
            file,
            """
            { "Products": { "NAME": { "Slots": { "A": "/a", "B": "/b", "Bootloader": "grub", "Environment": "/e" } } } }
            """.Replace("NAME", "name", StringComparison.Ordinal));

        var run = await CheckAsync(new() { ["OTA_AGENT_CONFIG"] = file });

        var printed = run.Succeeded().Out.TrimEnd('\n').Split('\n')
            .Select(line => line[..line.IndexOf('=', StringComparison.Ordinal)]).ToArray();
        Assert.Equal(Documented().Order(StringComparer.Ordinal), printed.Order(StringComparer.Ordinal));
    }

    /// <summary>The keys of all tables of docs/agent.md and docs/firmware.md, in full.</summary>
    private static IEnumerable<string> Documented()
    {
        foreach (var page in new[] { "docs/agent.md", "docs/firmware.md" })
        {
            var below = "";
            foreach (var line in File.ReadLines(Repository.PathOf(page)))
            {
                if (Head().Match(line) is { Success: true } head)
                    below = head.Groups[1].Value.Length > 0 ? $"{head.Groups[1].Value}:" : "";
                else if (!line.StartsWith('|'))
                    below = "none";
                else if (below != "none")
                {
                    foreach (Match key in Key().Matches(line.Split('|')[1]))
                        yield return $"{below}{key.Groups[1].Value}".Replace("NAME", "name", StringComparison.Ordinal);
                }
            }
        }
    }

    private static Task<ProgramRun> CheckAsync(Dictionary<string, string?> environment, params string[] assignments) =>
        RunAsync(environment, ["config", "check", .. assignments]);

    private static Task<ProgramRun> RunAsync(Dictionary<string, string?> environment, params string[] arguments) =>
        ProgramRun.RunAsync(environment, Programs.AgentCommand, arguments);

    [GeneratedRegex(@"^\| key(?: below `([^`]+)`)? \|")]
    private static partial Regex Head();

    [GeneratedRegex("`([A-Za-z:]+)`")]
    private static partial Regex Key();
}
