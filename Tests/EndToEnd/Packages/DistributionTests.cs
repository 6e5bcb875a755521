using System.Text.Json;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Packages;

/// <summary>What <c>dist.sh</c> builds, for both processors.</summary>
[Trait("Category", "Package")]
public sealed class DistributionTests
{
    private static readonly Dictionary<string, string?> Inherited = [];

    [Fact]
    public async Task Every_file_is_in_SHA256SUMS()
    {
        var check = await ProgramRun.RunAsync(
            Inherited, "sh", "-c", $"cd '{Distribution.Folder}' && sha256sum --check --strict --quiet SHA256SUMS");
        check.Succeeded();

        var listed = File.ReadLines(Distribution.PathOf("SHA256SUMS")).Select(line => line[66..]);
        var files = Directory.EnumerateFiles(Distribution.Folder).Select(path => Path.GetFileName(path)!)
            .Where(name => name != "SHA256SUMS").Order(StringComparer.Ordinal);
        Assert.Equal(files, listed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("linux-x64")]
    [InlineData("linux-arm64")]
    public async Task An_archive_has_licences_man_pages_and_completions(string rid)
    {
        foreach (var program in Distribution.Programs)
        {
            var names = await ListAsync(Distribution.Archive(program, rid));
            var root = $"{program}-{Distribution.Version}-{rid}";
            foreach (var name in (string[])
                [
                    program, "LICENSE", "THIRD-PARTY-NOTICES.txt", $"man/{program}.{ManualSectionOf(program)}",
                    $"completions/bash/{program}", $"completions/zsh/_{program}", $"completions/fish/{program}.fish",
                ])
                Assert.Contains($"{root}/{name}", names);
            Assert.Equal(names.Order(StringComparer.Ordinal), names);
        }
    }

    [Theory]
    [InlineData("amd64")]
    [InlineData("arm64")]
    public async Task Lintian_reports_no_error(string architecture)
    {
        // Lintian leaves its indices behind now and then.
        using var temporary = new TemporaryFolder();
        var environment = new Dictionary<string, string?> { ["TMPDIR"] = temporary.Path };
        var run = await ProgramRun.RunAsync(
            environment, "lintian", ["--allow-root", "--fail-on", "error", .. Distribution.Packages(architecture)]);

        Assert.True(run.ExitCode == 0, run.Out + run.Error);
    }

    [Theory]
    [InlineData("ota-server", "Microsoft.Data.Sqlite", "openssl", "libzstd")]
    [InlineData("ota-admin", "System.CommandLine", "openssl", "libsodium")]
    [InlineData("ota-agent", "System.CommandLine", "openssl", "glibc")]
    public void An_SBOM_lists_packages_and_native_libraries(string program, params string[] expected)
    {
        using var sbom = JsonDocument.Parse(
            File.ReadAllText(Distribution.PathOf($"{program}-{Distribution.Version}.cdx.json")));
        var root = sbom.RootElement;
        var components = root.GetProperty("components").EnumerateArray()
            .ToLookup(
                part => part.GetProperty("name").GetString()!, part => part.GetProperty("version").GetString());

        Assert.Equal("CycloneDX", root.GetProperty("bomFormat").GetString());
        Assert.Equal(program, root.GetProperty("metadata").GetProperty("component").GetProperty("name").GetString());
        // A library may be built against another version than its program brings.
        Assert.All(expected, name => Assert.NotEmpty(Assert.Single(components[name])!));
        Assert.False(components.Contains("Grpc.Tools"));
    }

    [Theory]
    [InlineData("ota-admin")]
    [InlineData("ota-agent")]
    [InlineData("ota-server")]
    public async Task The_programs_for_arm64_start(string program)
    {
        using var folder = new TemporaryFolder();
        (await ProgramRun.RunAsync(
            Inherited, "tar", "-xzf", Distribution.Archive(program, "linux-arm64"), "-C", folder.Path)).Succeeded();

        var run = await ProgramRun.RunAsync(
            Inherited, "qemu-aarch64-static", "-L", Repository.PathOf("artifacts/debian/arm64"),
            folder[$"{program}-{Distribution.Version}-linux-arm64/{program}"], "--version");

        Assert.Contains(Distribution.Version, run.Succeeded().Out, StringComparison.Ordinal);
    }

    private static int ManualSectionOf(string program) => program == "ota-server" ? 8 : 1;

    private static async Task<string[]> ListAsync(string archive)
    {
        var list = (await ProgramRun.RunAsync(Inherited, "tar", "--numeric-owner", "-tvzf", archive)).Succeeded();
        var lines = list.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Contains(" 0/0 ", line, StringComparison.Ordinal));
        return [.. lines.Select(line => line.Split(' ')[^1])];
    }
}
