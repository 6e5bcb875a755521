using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Docs;

/// <summary>The demonstrations run, and show what they say.</summary>
public sealed class DemoTests
{
    [Trait("Category", "StaticProgram")]
    [FactIfInstalled("jq mkfs.ext4")]
    public async Task Firmware_is_installed_upgraded_by_delta_refused_when_changed_and_left_when_bad()
    {
        var run = await ProgramRun.RunAsync(
            new Dictionary<string, string?>
            {
                ["CHUNKOTA_BUILD"] = "no",
                ["OTA_AGENT"] = Repository.PathOf("artifacts/ota-agent"),
                ["OTA_DEMO_QUICK"] = "yes",
            },
            Repository.PathOf("demo.sh"),
            "firmware");

        var output = run.Succeeded().Out;
        var at = 0;
        foreach (var line in new[]
        {
            "firmware 10.0.13 starts from slot B",
            ", by delta; it starts at the next restart",
            "firmware 10.0.14 starts from slot A",
            "slot A is refused: it holds no image that a trusted key has signed",
            "firmware 10.0.13 starts from slot B",
            "exit code 12",
            "firmware 10.0.14 starts from slot A",
            "firmware 10.0.15 starts from slot B",
            "firmware 10.0.15 starts from slot B",
            "firmware 10.0.14 starts from slot A",
            "exit code 12",
            "not installed again: 10.0.15: the machine did not start with it",
        })
        {
            var next = output.IndexOf(line, at, StringComparison.Ordinal);
            Assert.True(next >= 0, $"'{line}' is missing after {at} characters of:\n{output}\n{run.Error}");
            at = next + line.Length;
        }
    }
}
