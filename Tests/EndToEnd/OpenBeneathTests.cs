using System.Text.RegularExpressions;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>The system calls by which ota-agent opens files below a directory, seen by strace.</summary>
public sealed partial class OpenBeneathTests
{
    [FactIfInstalled("strace")]
    public async Task Where_openat2_is_unknown_or_forbidden_each_component_is_opened_by_itself()
    {
        foreach (var refusal in new[] { "ENOSYS", "EPERM" })
        {
            using var folder = new TemporaryFolder();
            var environment = new Dictionary<string, string?> { ["TMPDIR"] = folder.Path };

            var run = await ProgramRun.RunAsync(
                environment, "strace", "-f", "-qq", "-o", folder["log"], "-e", "trace=openat,openat2",
                "-e", $"inject=openat2:error={refusal}", "dotnet", Programs.Agent, "selftest");

            run.Succeeded();
            Assert.Contains("ok   paths stay inside by OpenAt (in use)\n", run.Out, StringComparison.Ordinal);
            Assert.DoesNotContain("OpenAt2", run.Out, StringComparison.Ordinal);
            var log = await File.ReadAllLinesAsync(folder["log"]);
            Assert.Single(log, line => line.Contains("openat2(", StringComparison.Ordinal));
            var beneath = log.Select(line => BeneathCall().Match(line)).Where(call => call.Success).ToArray();
            Assert.InRange(beneath.Length, 5, 1000);
            Assert.All(beneath, call =>
            {
                Assert.DoesNotContain('/', call.Groups["path"].Value);
                Assert.Contains("O_NOFOLLOW", call.Groups["flags"].Value, StringComparison.Ordinal);
            });
        }
    }

    /// <summary>An openat relative to a descriptor, such as <c>openat(5, "name", O_RDONLY|O_CLOEXEC</c>.</summary>
    [GeneratedRegex("""openat\(\d+, "(?<path>[^"]*)", (?<flags>[A-Z_|]+)""")]
    private static partial Regex BeneathCall();
}
