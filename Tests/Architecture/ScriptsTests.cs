using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Architecture;

/// <summary>What every shell script keeps to.</summary>
public sealed class ScriptsTests
{
    private static readonly string[] Folders = ["eng", "perf", ".ci", "Agent/Cli", "Server/Admin"];

    [Fact]
    public async Task Every_script_parses()
    {
        var scripts = Scripts().ToArray();
        Assert.Contains("perf/peers/run.sh", scripts);

        foreach (var script in scripts)
        {
            var run = await ProgramRun.RunAsync(
                new Dictionary<string, string?>(), "bash", "-n", Repository.PathOf(script));
            Assert.True(run.ExitCode == 0, $"{script}: {run.Error}");
        }
    }

    [Fact]
    public void What_starts_with_an_interpreter_may_be_executed_and_fails_at_the_first_error()
    {
        var wrong = from script in Scripts()
                    let path = Repository.PathOf(script)
                    let text = File.ReadAllText(path)
                    where text.StartsWith("#!", StringComparison.Ordinal)
                    where (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) == 0
                        || !(text.Contains("\nset -euo pipefail\n", StringComparison.Ordinal) || script == "test.sh")
                    select script;

        Assert.Empty(wrong);
    }

    /// <summary>All scripts, and what they source, as paths relative to the root.</summary>
    private static IEnumerable<string> Scripts() =>
        from path in Directory.EnumerateFiles(Repository.Root, "*.sh")
            .Concat(Folders.SelectMany(
                folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*", SearchOption.AllDirectories)))
        where path.EndsWith(".sh", StringComparison.Ordinal) || path == Repository.PathOf(".ci/run")
        let relative = Path.GetRelativePath(Repository.Root, path)
        where !relative.Contains("/obj/", StringComparison.Ordinal)
            && !relative.Contains("/bin/", StringComparison.Ordinal)
        orderby relative
        select relative;
}
